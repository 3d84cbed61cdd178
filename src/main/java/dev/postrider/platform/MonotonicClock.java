package dev.postrider.platform;

import java.time.Duration;
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

  /** By how many seconds the time of day has got ahead: it was set, or the machine slept. */
  public Duration off() {
    return Duration.ofSeconds(Duration.between(instant(), Instant.now()).toSeconds());
  }
}
