package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Eventually;
import dev.postrider.testing.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** More lanes than one claim looks at. */
class WorkLoopTest {
  private static final TestDatabase DATABASE = TestDatabase.migrated();
  private static final int LANES = 700;

  private final Set<Long> ran = ConcurrentHashMap.newKeySet();
  private final QueueSettings settings = TestSettings.queue();
  private final Dispatcher dispatcher = new Dispatcher(settings);
  private final JobStore store = new JobStore(JdbcClient.create(DATABASE.dataSource()));

  private final JobHandler<String> handler =
      new Runs(job -> {
        ran.add(job.id());
        dispatcher.done(job);
      });

  private WorkLoop loop;

  @BeforeEach
  void laneAfterLaneOfWhatIsNotDue() {
    DATABASE.jdbc().sql("delete from jobs").update();
    store.enqueue(
        java.util.stream.LongStream.rangeClosed(1, LANES)
            .mapToObj(lane -> job(lane, lane, Instant.now().plusSeconds(3600)))
            .toList(),
        settings.lease());
    loop = loop(List.of(handler));
  }

  private WorkLoop loop(List<JobHandler<?>> handlers) {
    return new WorkLoop(
        store,
        dispatcher,
        DATABASE.transactions(),
        settings,
        new QueueMetrics(store, handlers, dispatcher, new SimpleMeterRegistry()),
        handlers);
  }

  private static NewJob job(long id, long lane, @Nullable Instant runAt) {
    return new NewJob("deliver", id, 1, lane, Priority.NORMAL, 0, runAt, null);
  }

  /** The claims it takes until the loop wants to rest. */
  private int claimsUntilItRests() {
    for (int claims = 1; claims <= 50; claims++) {
      if (loop.runOnce() == 0) {
        return claims;
      }
    }
    throw new AssertionError("the loop never rests");
  }

  @Test
  void restsAfterARoundInWhichNothingWasDue() {
    assertThat(claimsUntilItRests()).as("256 lanes at a time").isEqualTo(3);
    assertThat(claimsUntilItRests()).isEqualTo(3);
  }

  /**
   * C8: one call at a time finds out whether a provider is back, and must not wait for each look.
   */
  @Test
  void doesNotRestWhereALaneComesBackAndGaveOnlyWhatMustWait() {
    CountDownLatch gate = somethingRuns();
    dispatcher.pause(9001, Duration.ZERO);
    JobStore other = new JobStore(JdbcClient.create(DATABASE.dataSource()));
    other.enqueue(List.of(ordered(9001, 1L)), settings.lease());
    store.enqueue(List.of(ordered(9002, null)), settings.lease());
    loop.runOnce();
    loop.runOnce();
    assertThat(loop.runOnce()).as("the round is over, and it goes on").isEqualTo(1);
    assertThat(ran).isEmpty();
    gate.countDown();
    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(5))).isTrue();
  }

  private static final class Breaks implements JobHandler<String> {
    @Override
    public String kind() {
      return "odd";
    }

    @Override
    public List<Work<String>> claimed(List<Job> jobs) {
      throw new IllegalStateException("what is this?");
    }

    @Override
    public void run(Work<String> work) {}

    @Override
    public void released(List<Job> jobs) {}

    @Override
    public void rescued(List<JobQueue.Expired> jobs) {}
  }

  /** A newer node has written what this one cannot read. */
  @Test
  void whatBreaksForOneKindStopsNoOther() {
    JobHandler<String> breaks = new Breaks();
    store.enqueue(
        List.of(new NewJob("odd", 1, 1, 1, Priority.NORMAL, 0, null, null), job(9003, 9003, null)),
        settings.lease());
    WorkLoop both = loop(List.of(breaks, handler));
    Eventually.value(
        () -> {
          both.runOnce();
          return List.copyOf(ran);
        },
        List.of(9003L)::equals);
    assertThat(loop(List.of(breaks)).runOnce()).as("it rests").isZero();
    store.remove("odd", List.of(1L));
    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(5))).isTrue();
  }

  /** A run that ends changes nothing for what rests. */
  @Test
  void restsBesideALaneThatIsPaused() {
    CountDownLatch gate = somethingRuns();
    dispatcher.pause(9001, Duration.ofMinutes(1));
    store.enqueue(List.of(job(9001, 9001, Instant.now().minusSeconds(1))), settings.lease());
    assertThat(claimsUntilItRests()).isLessThanOrEqualTo(6);
    gate.countDown();
    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(5))).isTrue();
    assertThat(ran).isEmpty();
  }

  /** A run that ends when the gate opens. */
  private CountDownLatch somethingRuns() {
    CountDownLatch gate = new CountDownLatch(1);
    JobHandler<String> busy =
        new Runs(job -> {
          Eventually.opened(gate);
          dispatcher.done(job);
        });
    dispatcher.startClaimed(
        busy, new JobHandler.Work<>(DispatcherTest.job(1, 1), ""), Duration.ZERO);
    return gate;
  }

  private static NewJob ordered(long id, @Nullable Long token) {
    return new NewJob("deliver", id, 1, 9001, Priority.NORMAL, 77, null, token);
  }

  @Test
  void findsWhatIsDueInTheLastLaneAndLooksOnceMore() {
    store.enqueue(List.of(job(9000, LANES, Instant.now().minusSeconds(1))), settings.lease());
    assertThat(claimsUntilItRests()).as("a round with work, a round without").isEqualTo(6);
    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(5))).isTrue();
    assertThat(ran).containsExactly(9000L);
  }
}
