package dev.postrider.platform;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lets only so many of a kind of work run at once, so that it never takes all connections there
 * are. Whoever finds no place in time is told {@link Overloaded}.
 */
public final class Bounded {
  private final String what;
  private final Semaphore places;
  private final Duration patience;

  public Bounded(String what, int atOnce, Duration patience) {
    this.what = what;
    this.places = new Semaphore(atOnce);
    this.patience = patience;
  }

  public <T> T run(Supplier<T> work) {
    boolean placed = false;
    try {
      placed = places.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (!placed) {
        throw new Overloaded(what);
      }
      return work.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      if (placed) {
        places.release();
      }
    }
  }
}
