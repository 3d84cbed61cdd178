package dev.postrider.stats;

import java.time.Duration;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Latencies in classes that grow by a quarter of a doubling each (about 19 %), from a millisecond
 * to weeks: counts of classes add up over hours, and a percentile read from them is at most one
 * class off.
 */
final class LatencyBucket {
  /** The class of what has no latency. */
  static final int NONE = -1;

  private static final double STEPS = 4;
  private static final int LAST = 127;

  private LatencyBucket() {}

  static int of(@Nullable Duration latency) {
    if (latency == null) {
      return NONE;
    }
    double millis = Math.max(1, latency.toNanos() / 1e6);
    return (int) Math.min(LAST, Math.ceil(Math.log(millis) / Math.log(2) * STEPS));
  }

  /** The longest latency of a class, in milliseconds. */
  static double millis(int bucket) {
    return Math.pow(2, bucket / STEPS);
  }

  /**
   * A percentile, as the upper end of the class it falls into; null where nothing was counted.
   *
   * @param counts how many fell into each class
   */
  static @Nullable Double percentile(SortedMap<Integer, Long> counts, double percent) {
    long total = counts.values().stream().mapToLong(Long::longValue).sum();
    long rank = (long) Math.ceil(total * percent / 100);
    long seen = 0;
    for (var entry : counts.entrySet()) {
      seen += entry.getValue();
      if (seen >= rank && total > 0) {
        return Math.round(millis(entry.getKey()) * 10) / 10.0;
      }
    }
    return null;
  }
}
