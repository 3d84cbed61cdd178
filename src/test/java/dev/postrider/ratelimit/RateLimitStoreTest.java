package dev.postrider.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Eventually;
import dev.postrider.testing.TestDatabase;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;

/** What is told late, and what callers meet when the database goes; the rest is LimitsE2ETest's. */
class RateLimitStoreTest {
  private static final List<Rate> MANY_A_MINUTE =
      List.of(new Rate("minute", 1000, Duration.ofMinutes(1), false));

  /** No connection: the first who asks is told so when the last one is waiting, too. */
  private static DataSource broken(Supplier<SQLException> why) {
    return (DataSource)
        Proxy.newProxyInstance(
            DataSource.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (_, _, _) -> {
              throw why.get();
            });
  }

  /** What ten who ask at once are told. */
  private static List<Throwable> told(Supplier<SQLException> why) throws Exception {
    CountDownLatch asking = new CountDownLatch(10);
    RateLimitStore store =
        new RateLimitStore(
            broken(() -> {
              Eventually.opened(asking);
              return why.get();
            }),
            InstantSource.system());
    Callable<Throwable> caller =
        () -> {
          asking.countDown();
          try {
            store.take("messages/1", MANY_A_MINUTE, 1);
            throw new AssertionError("granted without a database");
          } catch (RuntimeException e) {
            return e;
          }
        };
    List<Throwable> told = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Throwable>> asked = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        asked.add(callers.submit(caller));
      }
      for (Future<Throwable> one : asked) {
        told.add(one.get());
      }
    }
    return told;
  }

  /** A burst that no later request follows: nobody else would tell the table what it took. */
  @Test
  void whatWasGivenLastIsToldThoughNobodyFollows() {
    DataSource database = TestDatabase.migrated().dataSource();
    List<Rate> rates = List.of(new Rate("messages-day", 5000, Duration.ofDays(1), true));
    RateLimitStore one = new RateLimitStore(database, InstantSource.system());
    for (int i = 0; i < 20; i++) {
      one.take("messages/1", rates, 1);
    }
    AtomicInteger looks = new AtomicInteger();
    Eventually.value(
        () -> {
          one.tell();
          looks.incrementAndGet();
          // One that knows nothing; it takes one itself.
          return new RateLimitStore(database, InstantSource.system())
              .take("messages/1", rates, 1)
              .remaining();
        },
        left -> left == 5000 - 20 - looks.get());
  }

  /** Every second, of all that was used in ten minutes: it would be most of what a node asks. */
  @ParameterizedTest
  @ValueSource(longs = {10, 5000})
  void whereThereIsNothingToTellNothingIsAsked(long limit) {
    DataSource database = TestDatabase.migrated().dataSource();
    AtomicInteger asked = new AtomicInteger();
    RateLimitStore store = new RateLimitStore(counted(database, asked), InstantSource.system());
    List<Rate> rates = List.of(new Rate("minute", limit, Duration.ofMinutes(1), false));
    store.take("messages/1", rates, 1);
    store.tell();
    int before = asked.get();
    assertThat(before).isPositive();
    store.tell();
    assertThat(asked).hasValue(before);
  }

  /** Or what was filled in what is the future now would be empty until then. */
  @ParameterizedTest
  @ValueSource(longs = {10, 5000})
  void aClockThatIsSetBackLimitsNobodyForLonger(long limit) {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    InstantSource clock = now::get;
    RateLimitStore store = new RateLimitStore(TestDatabase.migrated().dataSource(), clock);
    List<Rate> rates = List.of(new Rate("minute", limit, Duration.ofMinutes(1), false));
    assertThat(store.take("messages/1", rates, limit).granted()).isTrue();
    assertThat(store.take("messages/1", rates, 1).granted()).isFalse();
    now.updateAndGet(it -> it.minus(Duration.ofHours(2)));
    store.tell();
    assertThat(store.take("messages/1", rates, limit).granted()).isTrue();
    assertThat(store.take("messages/1", rates, 1).granted()).isFalse();
    now.updateAndGet(it -> it.plus(Duration.ofMinutes(1)));
    assertThat(store.take("messages/1", rates, limit).granted()).isTrue();
  }

  /** Of a node whose own clock is behind or ahead: everybody's is the clock that it is given. */
  @ParameterizedTest
  @ValueSource(ints = {-2, 2})
  void isForgottenWhenItIsFullByTheSharedClock(int hours) {
    AtomicReference<Instant> now =
        new AtomicReference<>(Instant.now().plus(Duration.ofHours(hours)));
    RateLimitStore store = new RateLimitStore(TestDatabase.migrated().dataSource(), now::get);
    List<Rate> rates = List.of(new Rate("minute", 10, Duration.ofMinutes(1), false));
    store.take("messages/1", rates, 10);
    assertThat(store.forget(1000)).isZero();
    assertThat(store.take("messages/1", rates, 1).granted()).isFalse();
    now.updateAndGet(it -> it.plus(Duration.ofMinutes(12)));
    assertThat(store.forget(1000)).isEqualTo(1);
  }

  private static DataSource counted(DataSource database, AtomicInteger asked) {
    return (DataSource)
        Proxy.newProxyInstance(
            DataSource.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (_, method, given) -> {
              asked.incrementAndGet();
              return method.invoke(database, given);
            });
  }

  @Test
  void whoAsksTogetherIsToldThatTheDatabaseIsAway() throws Exception {
    assertThat(told(() -> new SQLException("the wire is cut", "08006")))
        .hasSize(10)
        .allSatisfy(it -> assertThat(it).isInstanceOf(TransientDataAccessResourceException.class));
  }

  @Test
  void orThatNoConnectionWasFree() throws Exception {
    assertThat(told(() -> new SQLTransientConnectionException("none in time")))
        .hasSize(10)
        .allSatisfy(it -> assertThat(it).isInstanceOf(CannotGetJdbcConnectionException.class));
  }
}
