package dev.postrider.platform;

import java.time.Instant;
import java.time.InstantSource;

/** The time of day when it was made, and what has passed since: nobody can set it back. */
public final class MonotonicClock implements InstantSource {
  private final Instant start = Instant.now();
  private final long nanos = System.nanoTime();

  @Override
  public Instant instant() {
    return start.plusNanos(System.nanoTime() - nanos);
  }
}
