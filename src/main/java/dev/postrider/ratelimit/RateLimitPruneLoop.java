package dev.postrider.ratelimit;

import dev.postrider.platform.ForgetLoop;
import dev.postrider.platform.Wired;

/** Removes the buckets of limits that nobody uses. */
@Wired
public class RateLimitPruneLoop extends ForgetLoop {
  private final RateLimitStore store;

  public RateLimitPruneLoop(RateLimitStore store) {
    this.store = store;
  }

  @Override
  protected int forget(int most) {
    return store.forget(most);
  }
}
