package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final Backoff backoff = new Backoff(Duration.ofSeconds(4), 3, Duration.ofHours(1));

  @Test
  void growsUpToItsLimit() {
    assertThat(backoff.ceiling(1)).isEqualTo(Duration.ofSeconds(4));
    assertThat(backoff.ceiling(3)).isEqualTo(Duration.ofSeconds(36));
    assertThat(backoff.ceiling(8)).isEqualTo(Duration.ofHours(1));
    assertThat(backoff.ceiling(Integer.MAX_VALUE)).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void usesTheWholeOfItsJitter() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long low = Long.MAX_VALUE;
    long high = 0;
    for (int i = 0; i < 2000; i++) {
      long wait = backoff.after(2, random).toMillis();
      low = Math.min(low, wait);
      high = Math.max(high, wait);
    }
    assertThat(low).as("seed %s", seed).isBetween(0L, 600L);
    assertThat(high).as("seed %s", seed).isBetween(11_400L, 12_000L);
  }
}
