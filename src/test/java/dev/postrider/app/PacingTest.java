package dev.postrider.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PacingTest {
  private static final Instant SINCE = Instant.parse("2026-06-01T00:00:00Z");

  private static double perDay(Pacing pacing, int day) {
    return 86_400_000.0 / pacing.intervalAt(SINCE.plus(Duration.ofDays(day)), SINCE).toMillis();
  }

  @Test
  void aNewSenderWarmsUpByTheSameFactorEachDay() {
    Pacing pacing =
        new Pacing(Duration.ofSeconds(10), Duration.ZERO, Duration.ZERO, new Pacing.WarmUp(20, 14));
    assertThat(perDay(pacing, 0)).isBetween(19.0, 21.0);
    double factor = perDay(pacing, 1) / perDay(pacing, 0);
    for (int day = 1; day < 14; day++) {
      assertThat(perDay(pacing, day) / perDay(pacing, day - 1))
          .isBetween(factor * 0.98, factor * 1.02);
    }
    assertThat(pacing.intervalAt(SINCE.plus(Duration.ofDays(14)), SINCE))
        .isEqualTo(Duration.ofSeconds(10));
    assertThat(pacing.intervalAt(SINCE.plus(Duration.ofDays(400)), SINCE))
        .isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void aWarmUpNeverMakesItFasterThanItsRate() {
    Pacing slow =
        new Pacing(Duration.ofHours(6), Duration.ZERO, Duration.ZERO, new Pacing.WarmUp(1000, 14));
    assertThat(slow.intervalAt(SINCE, SINCE)).isEqualTo(Duration.ofHours(6));
  }
}
