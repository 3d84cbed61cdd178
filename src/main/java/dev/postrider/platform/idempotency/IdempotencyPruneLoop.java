package dev.postrider.platform.idempotency;

import dev.postrider.platform.ForgetLoop;
import dev.postrider.platform.Wired;
import java.time.Duration;

/** Forgets idempotency keys after their window, a day. */
@Wired
public class IdempotencyPruneLoop extends ForgetLoop {
  static final Duration WINDOW = Duration.ofHours(24);
  private final IdempotencyStore keys;

  public IdempotencyPruneLoop(IdempotencyStore keys) {
    this.keys = keys;
  }

  @Override
  protected int forget(int most) {
    return keys.forget(WINDOW, most);
  }
}
