package dev.postrider.platform.web;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.postrider.platform.Bounded;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Lets only so many searches and reports run at once: whoever asks the big tables for much must not
 * take all connections that requests have, nor one application all that others may use of them.
 */
@Wired
public class HeavyReads {
  private static final int PLACES = 4;
  private static final int PLACES_OF_ONE = 2;
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private final Bounded all = new Bounded("reads", PLACES, PATIENCE);

  /** By application; longer than any statement takes. */
  private final LoadingCache<Long, Bounded> shares =
      Caffeine.newBuilder()
          .expireAfterAccess(Duration.ofMinutes(1))
          .build(_ -> new Bounded("reads", PLACES_OF_ONE, PATIENCE));

  /**
   * Runs a read when there is room for it; {@link dev.postrider.platform.Overloaded} when there is
   * none in time.
   *
   * @param app whose it is
   */
  public <T> T run(long app, Supplier<T> read) {
    return shares.get(app).run(() -> all.run(read));
  }
}
