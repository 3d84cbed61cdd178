package dev.postrider.queue;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with full jitter: a crowd that failed together must not return together.
 *
 * @param first the longest wait after the first attempt
 * @param factor by how much that grows with each further attempt
 * @param max the longest wait of all
 */
public record Backoff(Duration first, int factor, Duration max) {

  /** A random wait up to the ceiling of this attempt. */
  public Duration after(int attempt, RandomGenerator random) {
    return Duration.ofMillis(random.nextLong(ceiling(attempt).toMillis() + 1));
  }

  /** The longest wait after this attempt, from 1. */
  public Duration ceiling(int attempt) {
    double millis = first.toMillis() * Math.pow(factor, Math.max(0, attempt - 1));
    return millis >= max.toMillis() ? max : Duration.ofMillis((long) millis);
  }
}
