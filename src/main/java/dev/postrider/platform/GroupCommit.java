package dev.postrider.platform;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
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

  private static final Duration PATIENT = Duration.ofSeconds(30);

  /** How often somebody looks for callers that have waited long enough. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private record Entry<T, R>(T item, int weight, long since, CompletableFuture<R> done) {}

  /**
   * How a group commits.
   *
   * @param workers how many commits may be under way at once. One makes the biggest batches; those
   *     after the first begin one only where a whole batch waits
   * @param capacity the most weight that is buffered
   * @param maxBatch the most weight of a commit
   * @param linger how long a commit may wait for company; nothing where somebody waits for it
   * @param patience how long a caller waits for its commit; then its future fails with a {@link
   *     TimeoutException}, and whether it is committed is unknown, unless it had not begun ({@link
   *     NotBegun}). Nothing where nobody waits. One look at all of them: a timer for each caller
   *     costs as much as some of its work
   */
  public record Terms(
      int workers, int capacity, int maxBatch, Duration linger, Duration patience) {}

  /** Its commit had not begun when the patience ended: nothing of it was done. */
  public static final class NotBegun extends TimeoutException {
    private static final long serialVersionUID = 1L;

    NotBegun(String name) {
      super(name);
    }
  }

  private final String name;
  private final Terms terms;
  private final Semaphore room;
  private final BlockingQueue<Entry<T, R>> waiting = new LinkedBlockingQueue<>();
  private final AtomicInteger waitingWeight = new AtomicInteger();

  /** Has a permit where a whole batch may wait. */
  private final Semaphore wholeBatch = new Semaphore(0);

  private final ToIntFunction<T> weigher;
  private final Function<List<T>, List<R>> commit;
  private final List<Thread> workers = new ArrayList<>();
  private final Map<Thread, List<Entry<T, R>>> underWay = new ConcurrentHashMap<>();
  private volatile boolean closing;

  /**
   * @param commit commits a batch and returns one result for each item, in order; what it throws is
   *     given to every caller of the batch
   */
  public GroupCommit(
      String name, Terms terms, ToIntFunction<T> weigher, Function<List<T>, List<R>> commit) {
    this.name = name;
    this.terms = terms;
    this.room = new Semaphore(terms.capacity());
    this.weigher = weigher;
    this.commit = commit;
    for (int i = 1; i <= terms.workers(); i++) {
      boolean onlyWhole = i > 1;
      this.workers.add(
          Thread.ofPlatform().daemon().name(name + "-" + i).start(() -> work(onlyWhole)));
    }
    if (terms.patience().isPositive()) {
      Thread.ofPlatform().daemon().name(name + "-patience").start(this::keepTime);
    }
  }

  /** Hands in one item. The future completes after its commit, or with what made it fail. */
  public CompletableFuture<R> submit(T item) {
    int weight = weigher.applyAsInt(item);
    if (closing || !room.tryAcquire(weight)) {
      throw new Overloaded(name);
    }
    Entry<T, R> entry = new Entry<>(item, weight, System.nanoTime(), new CompletableFuture<>());
    waiting.add(entry);
    waitingWeight.addAndGet(weight);
    callForHelp();
    return entry.done();
  }

  /** Hands in one item, waits for its commit, and throws what made that fail. */
  public R commit(T item) throws TimeoutException {
    try {
      return submit(item).get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case TimeoutException late -> throw late;
        case RuntimeException known -> throw known;
        case null, default -> throw new IllegalStateException(name + " failed", e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Wakes a worker for whole batches, if there is one. */
  private void callForHelp() {
    if (waitingWeight.get() >= terms.maxBatch() && wholeBatch.availablePermits() == 0) {
      wholeBatch.release();
    }
  }

  /** How much weight is buffered or being committed. */
  public int load() {
    return terms.capacity() - room.availablePermits();
  }

  /** Waits a while for what a batch begins with; null when there is nothing. */
  private @Nullable Entry<T, R> first(boolean onlyWhole) throws InterruptedException {
    if (!onlyWhole) {
      return taken(waiting.poll(200, TimeUnit.MILLISECONDS));
    }
    boolean _ = wholeBatch.tryAcquire(200, TimeUnit.MILLISECONDS);
    return waitingWeight.get() >= terms.maxBatch() ? taken(waiting.poll()) : null;
  }

  private @Nullable Entry<T, R> taken(@Nullable Entry<T, R> entry) {
    if (entry != null) {
      waitingWeight.addAndGet(-entry.weight());
    }
    return entry;
  }

  private void work(boolean onlyWhole) {
    while (true) {
      try {
        Entry<T, R> first = first(onlyWhole);
        if (first == null) {
          if (closing) {
            return;
          }
          continue;
        }
        List<Entry<T, R>> batch = gather(first);
        underWay.put(Thread.currentThread(), batch);
        settle(batch);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      } finally {
        underWay.remove(Thread.currentThread());
      }
    }
  }

  private List<Entry<T, R>> gather(Entry<T, R> first) throws InterruptedException {
    List<Entry<T, R>> batch = new ArrayList<>();
    batch.add(first);
    int weight = first.weight();
    long linger = terms.linger().toNanos();
    long until = System.nanoTime() + linger;
    while (weight < terms.maxBatch()) {
      Entry<T, R> next = taken(waiting.poll());
      if (next == null && linger > 0) {
        next = taken(waiting.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS));
      }
      if (next == null) {
        break;
      }
      batch.add(next);
      weight += next.weight();
    }
    callForHelp();
    return batch;
  }

  private void keepTime() {
    while (workers.stream().anyMatch(Thread::isAlive)) {
      LockSupport.parkNanos(LOOK_NANOS);
      long latest = System.nanoTime() - terms.patience().toNanos();
      underWay
          .values()
          .forEach(batch ->
              batch.stream()
                  .filter(entry -> entry.since() - latest <= 0)
                  .forEach(
                      entry -> entry.done().completeExceptionally(new TimeoutException(name))));
      endWaitingSince(latest);
    }
  }

  /** They stand in the order they came in. */
  private void endWaitingSince(long latest) {
    for (Entry<T, R> entry = waiting.peek();
        entry != null && entry.since() - latest <= 0;
        entry = waiting.peek()) {
      // Nobody waits for it any more; who comes again must not find it still there.
      if (waiting.remove(entry)) {
        taken(entry);
        room.release(entry.weight());
        entry.done().completeExceptionally(new NotBegun(name));
      }
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

  @Override
  public void close() {
    close(PATIENT);
  }

  /**
   * Commits what is buffered, then stops. What is handed in from now on is refused.
   *
   * @param atMost for how long each worker is waited for
   */
  public void close(Duration atMost) {
    closing = true;
    for (Thread worker : workers) {
      try {
        worker.join(atMost);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
    // Handed in while the last commit ended.
    waiting.forEach(entry -> entry.done().completeExceptionally(new Overloaded(name)));
  }
}
