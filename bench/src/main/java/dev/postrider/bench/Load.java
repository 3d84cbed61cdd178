package dev.postrider.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;

/** Callers that each wait for their answer before they ask again. */
final class Load {
  private static final long WATCH_NANOS = 20_000_000L;

  private final int port;
  private final int callers;
  private final IntFunction<byte[]> requests;
  private volatile boolean stopped;
  private boolean gradual;
  private boolean polite;
  private int watchers;

  Load(int port, int callers, IntFunction<byte[]> requests) {
    this.port = port;
    this.callers = callers;
    this.requests = requests;
  }

  /** From now on, callers do not begin at once, but one after the other within a second. */
  Load gradually() {
    gradual = true;
    return this;
  }

  /** From now on, a caller that is refused waits as long as it is asked to: a second. */
  Load polite() {
    polite = true;
    return this;
  }

  /**
   * From now on, beside the callers, so many ask every 20 ms on threads of their own: what they see
   * is how long the service takes to refuse, not how long a crowd of callers takes to notice.
   */
  Load watchedBy(int threads) {
    watchers = threads;
    return this;
  }

  /** Ends the run that is under way, before its time. */
  void stop() {
    stopped = true;
  }

  /**
   * What a run saw.
   *
   * @param watchedMicros refusals as those see them who watch
   */
  record Result(
      int answered,
      int refused,
      double seconds,
      Histogram micros,
      Histogram refusedMicros,
      Histogram watchedMicros) {
    double perSecond() {
      return answered / seconds;
    }
  }

  private static Histogram histogram() {
    return new Histogram(60_000_000L, 3);
  }

  /** What all of a run's callers have seen. */
  private static final class Seen {
    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();
    final Histogram micros = histogram();
    final Histogram refusedMicros = histogram();
    final Histogram watchedMicros = histogram();

    synchronized void add(Histogram to, Histogram own) {
      to.add(own);
    }
  }

  /**
   * @param perSecond the pace of all callers together; 0 for as fast as they are answered
   */
  Result run(double seconds, double perSecond) throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    Seen seen = new Seen();
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    long interval = perSecond > 0 ? (long) (1e9 * callers / perSecond) : 0;
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      long first = start + (gradual ? 1_000_000_000L : interval) * i / callers;
      threads.add(Thread.ofVirtual().start(() -> call(first, interval, end, next, seen)));
    }
    for (int i = 0; i < watchers; i++) {
      threads.add(Thread.ofPlatform().start(() -> watch(end, next, seen)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return new Result(
        seen.answered.get(),
        seen.refused.get(),
        (System.nanoTime() - start) / 1e9,
        seen.micros,
        seen.refusedMicros,
        seen.watchedMicros);
  }

  private void call(long first, long interval, long end, AtomicInteger next, Seen seen) {
    Histogram own = histogram();
    Histogram ownRefused = histogram();
    try (Caller caller = new Caller(port)) {
      long due = first;
      waitUntil(due);
      while (!stopped && System.nanoTime() < end) {
        if (interval > 0) {
          waitUntil(due);
        }
        // Paced: measured from when it was due, so that a stall counts in full.
        long from = interval > 0 ? due : System.nanoTime();
        int status = caller.call(requests.apply(next.getAndIncrement()));
        boolean taken = status / 100 == 2;
        (taken ? own : ownRefused).recordValue(microsSince(from));
        (taken ? seen.answered : seen.refused).incrementAndGet();
        due += interval;
        if (polite && !taken) {
          waitUntil(Math.min(end, System.nanoTime() + 1_000_000_000L));
        }
      }
    } catch (IOException e) {
      seen.refused.incrementAndGet();
    }
    seen.add(seen.micros, own);
    seen.add(seen.refusedMicros, ownRefused);
  }

  private void watch(long end, AtomicInteger next, Seen seen) {
    Histogram own = histogram();
    try (Caller caller = new Caller(port)) {
      long due = System.nanoTime();
      while (!stopped && due < end) {
        waitUntil(due);
        if (caller.call(requests.apply(next.getAndIncrement())) / 100 != 2) {
          // From when it was due, so that a stall counts in full.
          own.recordValue(microsSince(due));
          due += WATCH_NANOS;
        } else {
          due = System.nanoTime() + WATCH_NANOS; // it was let in: that takes longer
        }
      }
    } catch (IOException e) {
      seen.refused.incrementAndGet();
    }
    seen.add(seen.watchedMicros, own);
  }

  private static long microsSince(long nanos) {
    return Math.min(59_000_000L, TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - nanos));
  }

  private static void waitUntil(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
