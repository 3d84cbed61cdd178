package dev.postrider.platform.idempotency;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.time.Duration;

/** Forgets idempotency keys after their window: at least 24 hours, at most one more. */
@Wired
public class IdempotencyPruneLoop implements Loop {
  static final Duration WINDOW = Duration.ofHours(24);
  private final IdempotencyStore keys;

  public IdempotencyPruneLoop(IdempotencyStore keys) {
    this.keys = keys;
  }

  @Override
  public Duration every() {
    return Duration.ofMinutes(10);
  }

  @Override
  public int runOnce() {
    return keys.purge(WINDOW);
  }
}
