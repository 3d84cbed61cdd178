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
  private final int port;
  private final int callers;
  private final IntFunction<byte[]> requests;
  private volatile boolean stopped;
  private boolean gradual;
  private boolean polite;

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

  /** Ends the run that is under way, before its time. */
  void stop() {
    stopped = true;
  }

  /** What a run saw. */
  record Result(
      int answered, int refused, double seconds, Histogram micros, Histogram refusedMicros) {
    double perSecond() {
      return answered / seconds;
    }
  }

  /**
   * @param perSecond the pace of all callers together; 0 for as fast as they are answered
   */
  Result run(double seconds, double perSecond) throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    Histogram all = new Histogram(60_000_000L, 3);
    Histogram allRefused = new Histogram(60_000_000L, 3);
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    long interval = perSecond > 0 ? (long) (1e9 * callers / perSecond) : 0;
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      long offset = (gradual ? 1_000_000_000L : interval) * i / callers;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                Histogram own = new Histogram(60_000_000L, 3);
                Histogram ownRefused = new Histogram(60_000_000L, 3);
                try (Caller caller = new Caller(port)) {
                  long due = start + offset;
                  waitUntil(due);
                  while (!stopped && System.nanoTime() < end) {
                    if (interval > 0) {
                      waitUntil(due);
                    }
                    // Paced: measured from when it was due, so that a stall counts in full.
                    long from = interval > 0 ? due : System.nanoTime();
                    int status = caller.call(requests.apply(next.getAndIncrement()));
                    (status == 201 ? own : ownRefused)
                        .recordValue(
                            Math.min(
                                59_000_000L,
                                TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - from)));
                    (status == 201 ? answered : refused).incrementAndGet();
                    due += interval;
                    if (polite && status != 201) {
                      waitUntil(Math.min(end, System.nanoTime() + 1_000_000_000L));
                    }
                  }
                } catch (IOException e) {
                  refused.incrementAndGet();
                }
                synchronized (all) {
                  all.add(own);
                  allRefused.add(ownRefused);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return new Result(
        answered.get(), refused.get(), (System.nanoTime() - start) / 1e9, all, allRefused);
  }

  private static void waitUntil(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
