package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

class DatabaseClockTest {
  private static final Duration LATE = Duration.ofSeconds(2);

  private final Instant own = Instant.parse("2026-03-01T12:00:00Z");
  private final DatabaseClock clock = new DatabaseClock(() -> own);

  private void shows(Instant time, Duration took) {
    long answered = System.nanoTime();
    clock.showed(time, answered - took.toNanos(), answered);
  }

  @Test
  void goesByTheDatabasesClockFromItsFirstWord() {
    assertThat(clock.instant()).isCloseTo(own, within(1, ChronoUnit.SECONDS));
    Instant behind = own.minus(Duration.ofHours(2));
    shows(behind, Duration.ofMillis(1));
    assertThat(clock.instant()).isCloseTo(behind, within(1, ChronoUnit.SECONDS));
  }

  /** A busy moment is no reason to set the clock: it would be wrong by as much. */
  @Test
  void anAnswerThatTookLongSetsItOnlyWhereItMustBeWrong() {
    shows(own, Duration.ZERO);
    shows(own.minus(LATE.dividedBy(2)).minusMillis(500), LATE);
    assertThat(clock.instant()).isCloseTo(own, within(400, ChronoUnit.MILLIS));
    Instant set = own.plus(Duration.ofMinutes(10));
    shows(set, LATE);
    assertThat(clock.instant())
        .isCloseTo(set.plus(LATE.dividedBy(2)), within(400, ChronoUnit.MILLIS));
  }
}
