package dev.postrider.ratelimit;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.time.Duration;

/** Removes the buckets of limits that nobody uses. */
@Wired
public class RateLimitPruneLoop implements Loop {
  private static final int BATCH = 1_000;

  private final RateLimitStore store;

  public RateLimitPruneLoop(RateLimitStore store) {
    this.store = store;
  }

  @Override
  public Duration every() {
    return Duration.ofMinutes(10);
  }

  @Override
  public int runOnce() {
    return store.prune(BATCH) == BATCH ? BATCH : 0;
  }
}
