package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Eventually;
import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ChoresTest {
  private static final TestDatabase DATABASE = TestDatabase.migrated();

  private final ModelJobQueue queue = new ModelJobQueue();
  private final Dispatcher dispatcher = new Dispatcher(TestSettings.queue());
  private final Chores chores = new Chores(queue, dispatcher, DATABASE.transactions());
  private final Set<Long> done = ConcurrentHashMap.newKeySet();

  /** One at a time of an application: those behind one that comes too late go back with it. */
  @Test
  void whatIsTooLateAndWhatIsBehindItGoesBackUndone() {
    JobHandler<String> handler = new Runs(job -> chores.run(job, () -> done.add(job.id())));
    long now = System.nanoTime();
    long early = now - Duration.ofSeconds(10).toNanos();
    for (long id : LongStream.rangeClosed(1, 3).toArray()) {
      dispatcher.startClaimed(
          handler,
          new JobHandler.Work<>(
              new Job(
                  "redrive",
                  id,
                  1,
                  -1,
                  Priority.LOW,
                  77,
                  1,
                  0,
                  0,
                  false,
                  id,
                  Instant.now(),
                  id == 1 ? early : now),
              ""),
          Duration.ZERO);
    }
    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(10))).isTrue();
    assertThat(done).doesNotContain(1L);
    assertThat(List.copyOf(done)).as("they come again, in their order").isEmpty();
    Eventually.value(dispatcher::claimed, it -> it == 0);
  }
}
