package dev.postrider.platform;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets concurrent callers share a commit: whatever arrived while the last commit was being written
 * goes into the next one together. Where callers wait, nobody waits for a batch to fill: a lone
 * caller pays one commit, a crowd a fraction of one each.
 *
 * <p>Bounded: at most {@code capacity} weight is buffered, and one more is refused at once with
 * {@link Overloaded}. The buffer holds requests whose callers still wait, never acknowledged work.
 *
 * @param <T> what a caller hands in
 * @param <R> what it gets back once the commit is durable
 */
public final class GroupCommit<T, R> implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

  private record Entry<T, R>(T item, int weight, CompletableFuture<R> done) {}

  private final String name;
  private final int capacity;
  private final int maxBatch;
  private final long lingerNanos;
  private final Semaphore room;
  private final BlockingQueue<Entry<T, R>> waiting = new LinkedBlockingQueue<>();
  private final ToIntFunction<T> weigher;
  private final Function<List<T>, List<R>> commit;
  private final List<Thread> workers = new ArrayList<>();
  private volatile boolean closing;

  /**
   * @param workers how many commits may be under way at once; one makes the biggest batches
   * @param linger how long a commit may wait for company; nothing where somebody waits for it
   * @param commit commits a batch and returns one result for each item, in order; what it throws is
   *     given to every caller of the batch
   */
  public GroupCommit(
      String name,
      int workers,
      int capacity,
      int maxBatch,
      Duration linger,
      ToIntFunction<T> weigher,
      Function<List<T>, List<R>> commit) {
    this.name = name;
    this.capacity = capacity;
    this.maxBatch = maxBatch;
    this.lingerNanos = linger.toNanos();
    this.room = new Semaphore(capacity);
    this.weigher = weigher;
    this.commit = commit;
    for (int i = 1; i <= workers; i++) {
      this.workers.add(Thread.ofPlatform().daemon().name(name + "-" + i).start(this::work));
    }
  }

  /** Hands in one item. The future completes after its commit, or with what made it fail. */
  public CompletableFuture<R> submit(T item) {
    int weight = weigher.applyAsInt(item);
    if (closing || !room.tryAcquire(weight)) {
      throw new Overloaded(name);
    }
    Entry<T, R> entry = new Entry<>(item, weight, new CompletableFuture<>());
    waiting.add(entry);
    return entry.done();
  }

  /** How much weight is buffered or being committed. */
  public int load() {
    return capacity - room.availablePermits();
  }

  private void work() {
    List<Entry<T, R>> batch = new ArrayList<>();
    while (true) {
      try {
        Entry<T, R> first = waiting.poll(200, TimeUnit.MILLISECONDS);
        if (first == null) {
          if (closing) {
            return;
          }
          continue;
        }
        gather(first, batch);
        settle(batch);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      } finally {
        batch.clear();
      }
    }
  }

  private void gather(Entry<T, R> first, List<Entry<T, R>> batch) throws InterruptedException {
    batch.add(first);
    int weight = first.weight();
    long until = System.nanoTime() + lingerNanos;
    while (weight < maxBatch) {
      Entry<T, R> next = waiting.poll();
      if (next == null && lingerNanos > 0) {
        next = waiting.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
      if (next == null) {
        return;
      }
      batch.add(next);
      weight += next.weight();
    }
  }

  private void settle(List<Entry<T, R>> batch) {
    int weight = 0;
    for (Entry<T, R> entry : batch) {
      weight += entry.weight();
    }
    try {
      List<R> results = commit.apply(batch.stream().map(Entry::item).toList());
      room.release(weight);
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).done().complete(results.get(i));
      }
    } catch (RuntimeException | Error e) {
      room.release(weight);
      log.atDebug()
          .addKeyValue("group", name)
          .addKeyValue("size", batch.size())
          .log("group.failed");
      for (Entry<T, R> entry : batch) {
        entry.done().completeExceptionally(e);
      }
    }
  }

  /** Commits what is buffered, then stops. What is handed in afterwards is refused. */
  @Override
  public void close() {
    closing = true;
    for (Thread worker : workers) {
      try {
        worker.join(TimeUnit.SECONDS.toMillis(30));
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
