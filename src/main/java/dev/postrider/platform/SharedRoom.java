package dev.postrider.platform;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets only so much be under way at once, and only a part of it for one owner: who needs much, or
 * takes his time, leaves room to the others.
 */
public final class SharedRoom {
  private final int ofOne;
  private final Duration patience;
  private final Semaphore all;

  /** By owner; kept for longer than anything is under way. */
  private final LoadingCache<Long, Semaphore> shares;

  /**
   * @param total of everybody
   * @param ofOne of one owner
   * @param patience how long it is waited for room
   */
  public SharedRoom(int total, int ofOne, Duration patience) {
    this.ofOne = ofOne;
    this.patience = patience;
    this.all = new Semaphore(total, true);
    this.shares =
        Caffeine.newBuilder()
            .expireAfterAccess(Duration.ofMinutes(10))
            .build(_ -> new Semaphore(ofOne, true));
  }

  /**
   * Does some work.
   *
   * @param weight how much of the room it takes; more than one may have counts as that
   * @param full what is done instead where there is no room in time
   */
  public <T extends @Nullable Object> T with(
      long owner, int weight, Supplier<T> work, Supplier<T> full) {
    int taken = Math.min(weight, ofOne);
    long until = System.nanoTime() + patience.toNanos();
    Semaphore share = shares.get(owner);
    if (!acquired(share, taken, until)) {
      return full.get();
    }
    try {
      if (!acquired(all, taken, until)) {
        return full.get();
      }
      try {
        return work.get();
      } finally {
        all.release(taken);
      }
    } finally {
      share.release(taken);
    }
  }

  private static boolean acquired(Semaphore of, int weight, long until) {
    try {
      return of.tryAcquire(weight, until - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
