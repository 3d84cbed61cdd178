package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class IdsTest {
  @Test
  void neverHandsOutAnIdTwice() throws Exception {
    TestDatabase database = TestDatabase.migrated();
    Set<Long> ids = ConcurrentHashMap.newKeySet();
    for (int node = 0; node < 2; node++) {
      Ids own = new Ids(new SequenceStore(database.jdbc()));
      inParallel(
          16,
          () -> {
            for (int i = 0; i < 500; i++) {
              assertThat(ids.add(own.next())).isTrue();
            }
          });
    }
    assertThat(ids).hasSize(16_000);
  }

  /**
   * A hundred callers and an absent database: they fail together, not one time-out after another.
   */
  @Test
  void everyoneWhoWaitsForABlockFailsWithIt() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    Ids ids =
        new Ids(
            new SequenceStore(TestDatabase.create().jdbc()) {
              @Override
              long nextBlock() {
                asked.incrementAndGet();
                LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
                throw new IllegalStateException("away");
              }
            });
    long start = System.nanoTime();
    inParallel(
        100,
        () -> {
          try {
            ids.next();
          } catch (IllegalStateException _) {
            failed.incrementAndGet();
          }
        });
    assertThat(failed).hasValue(100);
    assertThat(asked.get()).isLessThan(10);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  /** A request waits for the block, and needs no connection of its own for it. */
  @Test
  void aBlockIsFetchedOnAThreadOfItsOwn() {
    Thread caller = Thread.currentThread();
    Ids ids =
        new Ids(
            new SequenceStore(TestDatabase.create().jdbc()) {
              @Override
              long nextBlock() {
                assertThat(Thread.currentThread()).isNotSameAs(caller);
                return 7;
              }
            });
    assertThat(ids.next()).isEqualTo(7);
  }

  private static void inParallel(int count, Runnable work) throws InterruptedException {
    List<Throwable> broken = java.util.Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Thread thread = Thread.ofVirtual().unstarted(work);
      thread.setUncaughtExceptionHandler((_, e) -> broken.add(e));
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(broken).isEmpty();
  }
}
