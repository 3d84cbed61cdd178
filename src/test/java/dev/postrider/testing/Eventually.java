package dev.postrider.testing;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/** Waits for what happens by itself. */
public final class Eventually {
  private Eventually() {}

  /** Longer than anything takes on a machine that is slow: who promises a time says it himself. */
  private static final Duration LONG = Duration.ofSeconds(30);

  /** The first value that fits; fails after half a minute with the last one that did not. */
  public static <T> T value(Supplier<T> supplier, Predicate<T> fits) {
    return within(LONG, supplier, fits);
  }

  /** Waits until somebody opens it; fails after half a minute, or when it is interrupted. */
  public static void opened(CountDownLatch latch) {
    try {
      if (!latch.await(LONG.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("nobody opens it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Fails when the condition does not hold for all of this time. */
  public static void holds(Duration all, java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(all.plusSeconds(10))
        .during(all)
        .pollInterval(Duration.ofMillis(25))
        .until(condition);
  }

  public static <T> T within(Duration atMost, Supplier<T> supplier, Predicate<T> fits) {
    return Awaitility.await()
        // What breaks in a stand-in's thread is its own affair.
        .dontCatchUncaughtExceptions()
        .atMost(atMost)
        .pollInterval(Duration.ofMillis(25))
        .until(() -> supplier.get(), it -> fits.test(it));
  }
}
