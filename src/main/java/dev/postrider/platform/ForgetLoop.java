package dev.postrider.platform;

import java.time.Duration;

/** Deletes what is older than it is kept: some at a time, so that nobody waits for it. */
public abstract class ForgetLoop implements Loop {
  private static final int CHUNK = 1000;

  /** Deletes at most so many; returns how many there were. */
  protected abstract int forget(int most);

  @Override
  public final Duration every() {
    return Duration.ofMinutes(1);
  }

  @Override
  public final int runOnce() {
    return forget(CHUNK) == CHUNK ? 1 : 0;
  }
}
