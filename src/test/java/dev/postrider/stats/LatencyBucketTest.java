package dev.postrider.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LatencyBucketTest {
  @Test
  void isNeverTooLowAndAtMostAFifthTooHigh() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      double millis = Math.exp(random.nextDouble() * Math.log(86_400_000.0));
      double read = LatencyBucket.millis(LatencyBucket.of(Duration.ofNanos((long) (millis * 1e6))));
      assertThat(read).as("seed %s, %s ms", seed, millis).isBetween(millis * 0.999, millis * 1.2);
    }
  }

  @Test
  void readsPercentilesFromCounts() {
    TreeMap<Integer, Long> counts = new TreeMap<>();
    counts.put(LatencyBucket.of(Duration.ofMillis(10)), 90L);
    counts.put(LatencyBucket.of(Duration.ofSeconds(1)), 10L);
    assertThat(LatencyBucket.percentile(counts, 50)).isBetween(10.0, 12.0);
    assertThat(LatencyBucket.percentile(counts, 99)).isBetween(1000.0, 1200.0);
    assertThat(LatencyBucket.percentile(new TreeMap<>(), 50)).isNull();
    assertThat(LatencyBucket.of(null)).isEqualTo(LatencyBucket.NONE);
  }
}
