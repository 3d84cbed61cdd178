package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JobStoreTest implements JobQueueContract {
  private static final TestDatabase DATABASE = TestDatabase.migrated();
  private final JobStore store = new JobStore(DATABASE.jdbc());

  @BeforeEach
  void empty() {
    DATABASE.jdbc().sql("delete from jobs").update();
  }

  @Override
  public JobQueue queue() {
    return store;
  }

  @Override
  public void leasesRunOut() {
    DATABASE
        .jdbc()
        .sql("update jobs set lease_until = now() - interval '1 second' where token is not null")
        .update();
  }

  @Test
  void twoWorkersNeverTakeTheSameJob() throws Exception {
    List<NewJob> jobs = new ArrayList<>();
    for (long id = 1; id <= 400; id++) {
      jobs.add(new NewJob("deliver", id, 1, id % 7, Priority.NORMAL, null, null));
    }
    store.enqueue(jobs, LEASE);
    Set<Long> taken = ConcurrentHashMap.newKeySet();
    List<Future<Integer>> workers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        workers.add(threads.submit(() -> claimUntilEmpty(taken)));
      }
    }
    int claimed = 0;
    for (Future<Integer> worker : workers) {
      claimed += worker.get();
    }
    assertThat(claimed).isEqualTo(400);
    assertThat(taken).hasSize(400);
  }

  private int claimUntilEmpty(Set<Long> taken) {
    int claimed = 0;
    int empty = 0;
    while (empty < 3) {
      List<Job> jobs =
          store.claim("deliver", 10, 5, Duration.ofSeconds(30), Long.MIN_VALUE, List.of());
      jobs.forEach(job -> assertThat(taken.add(job.id())).isTrue());
      claimed += jobs.size();
      empty = jobs.isEmpty() ? empty + 1 : 0;
    }
    return claimed;
  }
}
