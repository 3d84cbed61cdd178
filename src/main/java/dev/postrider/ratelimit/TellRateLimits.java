package dev.postrider.ratelimit;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.time.Duration;

/** Tells the other nodes what this one gave of large limits, where no later request does. */
@Wired
public class TellRateLimits implements Loop {
  private final RateLimitStore store;

  public TellRateLimits(RateLimitStore store) {
    this.store = store;
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(1);
  }

  @Override
  public int runOnce() {
    store.tell();
    return 0;
  }
}
