package dev.postrider.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postrider.platform.Text;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.BucketExceptions.BucketExecutionException;
import io.github.bucket4j.ConfigurationBuilder;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.VerboseResult;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.jdbc.CustomColumnProvider;
import io.github.bucket4j.distributed.proxy.optimization.DelayParameters;
import io.github.bucket4j.distributed.proxy.optimization.NopeOptimizationListener;
import io.github.bucket4j.distributed.proxy.optimization.Optimization;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.distributed.proxy.optimization.delay.DelayOptimization;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import io.github.bucket4j.postgresql.PostgreSQLSelectForUpdateBasedProxyManager;
import io.github.bucket4j.util.concurrent.batch.BatchHelper;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The buckets, in PostgreSQL. A node answers most requests by itself: it tells the table of what it
 * gave every tenth of a second, or when it was a fiftieth of a limit, so that nodes together may
 * exceed a limit by as much. Never called inside a transaction: it takes a connection of its own.
 */
@Repository
public class RateLimitStore {
  private static final Logger log = LoggerFactory.getLogger(RateLimitStore.class);
  private static final int SHARE_UNTOLD = 50;
  private static final Duration UNTOLD_FOR = Duration.ofMillis(100);
  private static final Duration KEPT = Duration.ofMinutes(10);

  /** A clock that is set back by less refills nothing for as long; nobody will notice. */
  private static final Duration SET_BACK = Duration.ofSeconds(5);

  private final PostgreSQLSelectForUpdateBasedProxyManager<Long> buckets;
  private final JdbcClient jdbc;
  private final InstantSource clock;
  private final TimeMeter meter;

  /** The time when it was last asked for by {@link #tell}. */
  private Instant seen;

  /**
   * A bucket as this node knows it, with what it has given and not told of yet.
   *
   * @param tellsLate false for small limits, of which there is never anything left to tell
   */
  private record Known(BucketProxy bucket, boolean tellsLate) {}

  /**
   * When a bucket is full again, and so as good as none. The library's own goes by another clock.
   */
  private static final class ExpiresAt implements CustomColumnProvider<Long> {
    private static final ExpirationAfterWriteStrategy WHEN =
        ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(KEPT);

    @Override
    public void setCustomField(
        Long key,
        int index,
        PreparedStatement statement,
        RemoteBucketState state,
        long currentTimeNanos)
        throws SQLException {
      long left = WHEN.calculateTimeToLiveMillis(state, currentTimeNanos);
      statement.setLong(index, TimeUnit.NANOSECONDS.toMillis(currentTimeNanos) + left);
    }

    @Override
    public String getCustomFieldName() {
      return "expires_at";
    }
  }

  /** By the same clock on all nodes: one that is behind would refill nothing, or all at once. */
  private record Meter(InstantSource clock) implements TimeMeter {
    @Override
    public long currentTimeNanos() {
      Instant now = clock.instant();
      return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    @Override
    public boolean isWallClockBased() {
      return true;
    }
  }

  private final Cache<Long, Known> known =
      Caffeine.newBuilder().maximumSize(20_000).expireAfterAccess(KEPT).build();

  /** Those that may have something left to tell. */
  private final Set<BucketProxy> used = ConcurrentHashMap.newKeySet();

  public RateLimitStore(DataSource dataSource, InstantSource clock) {
    this.jdbc = JdbcClient.create(dataSource);
    this.clock = clock;
    this.seen = clock.instant();
    this.meter = new Meter(clock);
    this.buckets =
        Bucket4jPostgreSQL.selectForUpdateBasedBuilder(dataSource)
            .table("rate_limits")
            .idColumn("id")
            .stateColumn("state")
            .addCustomColumn(new ExpiresAt())
            .clientClock(meter)
            .build();
  }

  /**
   * Takes tokens of all these rates, or of none.
   *
   * @param subject whose they are; with other rates it has another bucket, and a full one
   */
  public Taken take(String subject, List<Rate> rates, long tokens) {
    if (rates.isEmpty() || tokens == 0) {
      return Taken.UNLIMITED;
    }
    VerboseResult<ConsumptionProbe> result =
        ask(subject, rates, it -> it.asVerbose().tryConsumeAndReturnRemaining(tokens));
    ConsumptionProbe probe = result.getValue();
    long[] available = result.getDiagnostics().getAvailableTokensPerEachBandwidth();
    List<Taken.Left> left = new ArrayList<>();
    for (int i = 0; i < rates.size(); i++) {
      left.add(left(rates.get(i), available[i]));
    }
    return new Taken(probe.isConsumed(), Duration.ofNanos(probe.getNanosToWaitForRefill()), left);
  }

  private Taken.Left left(Rate rate, long available) {
    if (rate.daily()) {
      var now = clock.instant().atOffset(ZoneOffset.UTC);
      var midnight = now.truncatedTo(ChronoUnit.DAYS).plusDays(1);
      return new Taken.Left(rate, available, Duration.between(now, midnight));
    }
    double missing = Math.max(0, rate.limit() - available) / (double) rate.limit();
    Duration full = Duration.ofMillis((long) (rate.window().toMillis() * missing));
    return new Taken.Left(rate, available, full);
  }

  /** How long it would be until so many tokens could be taken; takes none. */
  public Duration wait(String subject, List<Rate> rates, long tokens) {
    return rates.isEmpty() || tokens == 0
        ? Duration.ZERO
        : Duration.ofNanos(
            ask(subject, rates, it -> it.estimateAbilityToConsume(tokens))
                .getNanosToWaitForRefill());
  }

  /** Gives back tokens that were not needed after all. */
  public void giveBack(String subject, List<Rate> rates, long tokens) {
    if (!rates.isEmpty() && tokens > 0) {
      ask(
          subject,
          rates,
          it -> {
            it.addTokens(tokens);
            return true;
          });
    }
  }

  /**
   * The library's words for a database that does not answer, turned into everyone's. Those who ask
   * for one bucket at the same time ask together, and fail together, in other words.
   */
  private static <T> T asked(Supplier<T> question) {
    try {
      return question.get();
    } catch (BucketExecutionException | BatchHelper.BatchFailedException e) {
      for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
        if (cause instanceof SQLTransientConnectionException none) {
          throw new CannotGetJdbcConnectionException("the limits could not be asked", none);
        }
      }
      throw new TransientDataAccessResourceException("the limits could not be asked", e);
    }
  }

  private <T> T ask(String subject, List<Rate> rates, Function<BucketProxy, T> question) {
    // Two subjects of one hash would share a bucket, at a chance of one in 2^64 a pair.
    long key = Text.hash(subject + rates);
    Known it = known.get(key, _ -> known(key, rates));
    try {
      return asked(() -> question.apply(it.bucket()));
    } finally {
      // Afterwards: told of in between, it would not be told of what this took.
      if (it.tellsLate()) {
        used.add(it.bucket());
      }
    }
  }

  /**
   * Small limits are exact: every token is told of at once, by one request of those that ask for
   * the same bucket together, or they would take all connections to wait for its row.
   */
  private Known known(long key, List<Rate> rates) {
    long untold = rates.stream().mapToLong(Rate::limit).min().orElse(0) / SHARE_UNTOLD;
    Optimization how =
        untold == 0
            ? Optimizations.batching()
            : new DelayOptimization(
                new DelayParameters(untold, UNTOLD_FOR), NopeOptimizationListener.INSTANCE, meter);
    BucketProxy bucket =
        buckets.builder().withOptimization(how).build(key, () -> configuration(rates));
    return new Known(bucket, untold > 0);
  }

  private BucketConfiguration configuration(List<Rate> rates) {
    ConfigurationBuilder builder = BucketConfiguration.builder();
    for (Rate rate : rates) {
      builder.addLimit(limit -> {
        var bandwidth = limit.capacity(rate.limit());
        return rate.daily()
            ? bandwidth.refillIntervallyAligned(
                rate.limit(),
                Duration.ofDays(1),
                clock.instant().truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS))
            : bandwidth.refillGreedy(rate.limit(), rate.window());
      });
    }
    return builder.build();
  }

  /**
   * Tells the table what this node gave and has not told of: the library does so with the next
   * request only, and of a burst that nobody follows it would be forgotten. Asks nothing where
   * there is nothing to tell.
   */
  void tell() {
    forgetTheFuture();
    for (BucketProxy bucket : List.copyOf(used)) {
      // Before it is told of: what is given meanwhile is told of the next time.
      used.remove(bucket);
      try {
        asked(() -> {
          bucket.getOptimizationController().syncByCondition(1, Duration.ZERO);
          return true;
        });
      } catch (RuntimeException e) {
        used.add(bucket);
        throw e;
      }
    }
  }

  /**
   * A bucket that was filled in what is the future now would stay as it is until then: where the
   * clock was set back, all begin anew, and full.
   */
  private void forgetTheFuture() {
    Instant now = clock.instant();
    if (now.isBefore(seen.minus(SET_BACK))) {
      jdbc.sql("delete from rate_limits").update();
      known.invalidateAll();
      used.clear();
      log.atWarn()
          .addKeyValue("back_ms", Duration.between(now, seen).toMillis())
          .log("limits.begun_anew");
    }
    seen = now;
  }

  /** Deletes buckets that would be full by now; returns how many. */
  int forget(int most) {
    return jdbc.sql(
            """
            delete from rate_limits
             where id in (select id from rate_limits where expires_at < :now
                           limit :most for update skip locked)
            """)
        .param("now", clock.millis())
        .param("most", most)
        .update();
  }
}
