package dev.postrider.platform.web;

import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Wired;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lets only so many searches and reports run at once: whoever asks the big tables for much must not
 * take the connections that accepting and settling live on.
 */
@Wired
public class HeavyReads {
  private static final int AT_ONCE = 6;
  private static final long WAIT_MILLIS = 500;
  private final Semaphore places = new Semaphore(AT_ONCE);

  public <T> T run(Supplier<T> read) {
    boolean placed = false;
    try {
      placed = places.tryAcquire(WAIT_MILLIS, TimeUnit.MILLISECONDS);
      if (!placed) {
        throw new Overloaded("reads");
      }
      return read.get();
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
