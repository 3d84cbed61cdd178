package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RescueLoopTest {
  private static final TestDatabase DATABASE = TestDatabase.migrated();

  private final ModelJobQueue queue = new ModelJobQueue();
  private final List<Long> rescued = new ArrayList<>();
  private final RescueLoop loop =
      new RescueLoop(queue, DATABASE.transactions(), TestSettings.queue(), List.of(new Handler()));

  private final class Handler implements JobHandler<String> {
    @Override
    public String kind() {
      return "deliver";
    }

    @Override
    public List<Work<String>> claimed(List<Job> jobs) {
      return List.of();
    }

    @Override
    public void run(Work<String> work) {}

    @Override
    public void released(List<Job> jobs) {}

    @Override
    public void rescued(List<JobQueue.Expired> jobs) {
      jobs.forEach(it -> rescued.add(it.job().id()));
    }
  }

  private void oneWhoseLeaseHasRunOut(long id) {
    queue.enqueue(
        List.of(new NewJob("deliver", id, 1, 1, Priority.NORMAL, 0, null, null)), Duration.ZERO);
    queue.claim("deliver", 1, 1, Duration.ofMillis(-1), Long.MIN_VALUE, Narrows.NONE, Map.of(), 0);
  }

  /** The clock was set, or another server took over: nothing tells what has really run out. */
  @Test
  void takesNothingBackAfterAJumpOfTheDatabasesClock() {
    oneWhoseLeaseHasRunOut(1);
    loop.runOnce();
    assertThat(rescued).containsExactly(1L);
    queue.jump(Duration.ofSeconds(6));
    oneWhoseLeaseHasRunOut(2);
    assertThat(loop.runOnce()).isZero();
    assertThat(loop.runOnce()).isZero();
    assertThat(rescued).containsExactly(1L);
  }
}
