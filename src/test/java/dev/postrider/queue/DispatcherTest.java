package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Seed;
import dev.postrider.testing.Eventually;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Fairness between lanes, in the memory of one node. */
class DispatcherTest {
  private static final int LANES = 12;
  private static final int EACH = 40;

  private final List<Long> order = Collections.synchronizedList(new ArrayList<>());
  private final Dispatcher dispatcher = dispatcher(4, 2);

  private static Dispatcher dispatcher(int running, int perLane) {
    return new Dispatcher(
        new QueueSettings(
            Duration.ofSeconds(30),
            Duration.ofSeconds(9),
            Duration.ofSeconds(5),
            Duration.ofMillis(200),
            running,
            perLane,
            10_000,
            5_000,
            3,
            Duration.ofSeconds(25)));
  }

  /** One run at a time, so that the order of the runs is the order of the turns. */
  private final Dispatcher oneByOne = dispatcher(1, 1);

  private final class Recorder implements JobHandler<String> {
    private final java.util.concurrent.CountDownLatch gate =
        new java.util.concurrent.CountDownLatch(1);

    @Override
    public String kind() {
      return "deliver";
    }

    @Override
    public List<Work<String>> claimed(List<Job> jobs) {
      return List.of();
    }

    @Override
    public void run(Work<String> work) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      order.add(work.job().lane());
      oneByOne.done(work.job());
    }

    @Override
    public void released(List<Job> jobs) {}

    @Override
    public void rescued(List<JobQueue.Expired> jobs) {}
  }

  private static Job job(long id, long lane) {
    return new Job(
        "deliver",
        id,
        1,
        lane,
        Priority.NORMAL,
        1,
        0,
        0,
        false,
        id,
        Instant.now(),
        System.nanoTime());
  }

  /** Whatever the order in which work came: while all lanes have some, none is far ahead. */
  @Test
  void lanesTakeTurnsInWhateverOrderTheirWorkCame() {
    List<Long> lanes = new ArrayList<>();
    for (long lane = 0; lane < LANES; lane++) {
      lanes.addAll(Collections.nCopies(EACH, lane));
    }
    Collections.shuffle(lanes, new Random(Seed.value()));
    Recorder recorder = new Recorder();
    for (int i = 0; i < lanes.size(); i++) {
      oneByOne.startClaimed(recorder, new JobHandler.Work<>(job(i, lanes.get(i)), ""));
    }
    recorder.gate.countDown();
    assertThat(oneByOne.awaitIdle(Duration.ofSeconds(20))).isTrue();
    int[] done = new int[LANES];
    for (int i = 0; i < order.size(); i++) {
      done[order.get(i).intValue()]++;
      int ahead = Arrays.stream(done).max().orElseThrow() - Arrays.stream(done).min().orElseThrow();
      // The very first may have run before the others came.
      assertThat(ahead).as("seed %s, after %s", Seed.value(), i).isLessThanOrEqualTo(2);
    }
    assertThat(done).hasSize(LANES).containsOnly(EACH);
  }

  @Test
  void aLaneThatIsPausedTakesNothing() {
    dispatcher.pause(7, Duration.ofMinutes(1));
    assertThat(dispatcher.reserve(7)).isFalse();
    assertThat(dispatcher.reserve(8)).isTrue();
    assertThat(dispatcher.narrowLanes()).containsEntry(7L, 0);
    assertThat(dispatcher.pausedFor(7)).isPositive();
    dispatcher.unreserve(8);
    assertThat(dispatcher.claimed()).isZero();
  }

  /** What was under way when the pause began says nothing of the time after it. */
  @Test
  void aSuccessDuringThePauseOpensNothing() {
    dispatcher.pause(7, Duration.ofMillis(100));
    dispatcher.succeeded(7);
    Eventually.value(() -> dispatcher.pausedFor(7), Duration::isZero);
    assertThat(dispatcher.narrowLanes()).containsEntry(7L, 1);
  }

  /** A provider that was down gets one call, then two, then four: not a crowd at once. */
  @Test
  void aLaneComesBackFromAPauseByDoubling() {
    dispatcher.pause(7, Duration.ZERO);
    assertThat(dispatcher.narrowLanes()).containsEntry(7L, 1);
    assertThat(dispatcher.reserve(7)).isTrue();
    assertThat(dispatcher.reserve(7)).as("one at a time").isFalse();
    assertThat(dispatcher.narrowLanes()).containsEntry(7L, 0);
    dispatcher.unreserve(7);
    dispatcher.succeeded(7);
    assertThat(dispatcher.narrowLanes()).as("two may run: all there is").doesNotContainKey(7L);
    Dispatcher wide = dispatcher(64, 32);
    wide.pause(7, Duration.ZERO);
    wide.succeeded(7);
    wide.succeeded(7);
    assertThat(wide.narrowLanes()).containsEntry(7L, 4);
  }
}
