package dev.postrider.message;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.postrider.app.AppId;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How much of what people wrote a node has in memory at once, after their requests are over: what
 * is sent, and what is sent again. A request to a provider takes several times as much as its
 * content.
 */
@Wired
public class ContentRoom {
  private static final int MOST_BYTES = 8 * 1024 * 1024;

  /** Of one application: its slow provider is not to keep everybody else's contents waiting. */
  private static final int MOST_OF_ONE = MOST_BYTES / 2;

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Semaphore all = new Semaphore(MOST_BYTES, true);

  /** Kept for longer than any call takes. */
  private final LoadingCache<AppId, Semaphore> shares =
      Caffeine.newBuilder()
          .expireAfterAccess(Duration.ofMinutes(10))
          .build(_ -> new Semaphore(MOST_OF_ONE, true));

  /**
   * Does something that has so many bytes in memory meanwhile.
   *
   * @param full what is done instead where there is no room in time
   */
  public <T extends @Nullable Object> T with(
      AppId app, int bytes, Supplier<T> work, Supplier<T> full) {
    // What is larger counts as all that its application may have.
    int size = Math.min(bytes, MOST_OF_ONE);
    long until = System.nanoTime() + PATIENCE.toNanos();
    Semaphore share = shares.get(app);
    if (!acquired(share, size, until)) {
      return full.get();
    }
    try {
      if (!acquired(all, size, until)) {
        return full.get();
      }
      try {
        return work.get();
      } finally {
        all.release(size);
      }
    } finally {
      share.release(size);
    }
  }

  private static boolean acquired(Semaphore of, int size, long until) {
    try {
      return of.tryAcquire(size, until - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
