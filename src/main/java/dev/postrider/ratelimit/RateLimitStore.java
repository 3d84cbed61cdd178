package dev.postrider.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postrider.platform.Text;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.BucketExceptions.BucketExecutionException;
import io.github.bucket4j.ConfigurationBuilder;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.VerboseResult;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.optimization.DelayParameters;
import io.github.bucket4j.distributed.proxy.optimization.Optimization;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import io.github.bucket4j.postgresql.PostgreSQLSelectForUpdateBasedProxyManager;
import io.github.bucket4j.util.concurrent.batch.BatchHelper;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.stereotype.Repository;

/**
 * The buckets, in PostgreSQL. A node answers most requests by itself: it tells the table of what it
 * gave every tenth of a second, or when it was a fiftieth of a limit, so that nodes together may
 * exceed a limit by as much. Never called inside a transaction: it takes a connection of its own.
 */
@Repository
public class RateLimitStore {
  private static final int SHARE_UNTOLD = 50;
  private static final Duration UNTOLD_FOR = Duration.ofMillis(100);
  private static final Duration KEPT = Duration.ofMinutes(10);

  private final PostgreSQLSelectForUpdateBasedProxyManager<Long> buckets;
  private final InstantSource clock;

  /**
   * A bucket as this node knows it, with what it has given and not told of yet.
   *
   * @param tellsLate false for small limits, of which there is never anything left to tell
   */
  private record Known(BucketProxy bucket, boolean tellsLate) {}

  private final Cache<Long, Known> known =
      Caffeine.newBuilder().maximumSize(20_000).expireAfterAccess(KEPT).build();

  /** Those that may have something left to tell. */
  private final Set<BucketProxy> used = ConcurrentHashMap.newKeySet();

  public RateLimitStore(DataSource dataSource, InstantSource clock) {
    this.clock = clock;
    this.buckets =
        Bucket4jPostgreSQL.selectForUpdateBasedBuilder(dataSource)
            .table("rate_limits")
            .idColumn("id")
            .stateColumn("state")
            .expiresAtColumn("expires_at")
            .expirationAfterWrite(
                ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(KEPT))
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
        asked(() -> bucket(subject, rates).asVerbose().tryConsumeAndReturnRemaining(tokens));
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
            asked(() -> bucket(subject, rates).estimateAbilityToConsume(tokens))
                .getNanosToWaitForRefill());
  }

  /** Gives back tokens that were not needed after all. */
  public void giveBack(String subject, List<Rate> rates, long tokens) {
    if (!rates.isEmpty() && tokens > 0) {
      asked(() -> {
        bucket(subject, rates).addTokens(tokens);
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

  private BucketProxy bucket(String subject, List<Rate> rates) {
    // Two subjects of one hash would share a bucket, at a chance of one in 2^64 a pair.
    long key = Text.hash(subject + rates);
    Known it = known.get(key, _ -> known(key, rates));
    if (it.tellsLate()) {
      used.add(it.bucket());
    }
    return it.bucket();
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
            : Optimizations.delaying(new DelayParameters(untold, UNTOLD_FOR));
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

  /** Deletes buckets that would be full by now; returns how many. */
  int forget(int most) {
    return buckets.removeExpired(most);
  }
}
