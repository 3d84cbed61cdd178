package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClockGuardTest {
  private static final Instant START = Instant.parse("2026-11-28T03:00:00Z");
  private static final long ZERO = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(20);

  private final ClockGuard guard = new ClockGuard(Duration.ofSeconds(30));

  /** Our clock wraps around in between, as it may. */
  private static long nanos(double seconds) {
    return ZERO + (long) (seconds * 1e9);
  }

  private Duration note(double database, double asked, double answered) {
    return guard.note(START.plusMillis((long) (database * 1000)), nanos(asked), nanos(answered));
  }

  @Test
  void trustsAClockThatGoesAsOursDoes() {
    for (int i = 0; i < 100; i++) {
      assertThat(note(i * 5, i * 5, i * 5 + 0.01)).isZero();
      assertThat(guard.isTrusted(nanos(i * 5 + 0.01))).isTrue();
    }
  }

  @Test
  void takesNothingBackForALeaseAfterAJump() {
    assertThat(note(0, 0, 0)).isZero();
    assertThat(note(605, 5, 5)).isEqualTo(Duration.ofMinutes(10));
    assertThat(guard.isTrusted(nanos(5))).isFalse();
    assertThat(note(610, 10, 10)).as("told once").isZero();
    assertThat(guard.isTrusted(nanos(34))).isFalse();
    assertThat(guard.isTrusted(nanos(35))).isTrue();
    assertThat(guard.isTrusted(nanos(5))).as("it is over").isTrue();
  }

  @Test
  void aSecondJumpBeginsAnotherRest() {
    assertThat(note(0, 0, 0)).isZero();
    assertThat(note(105, 5, 5)).isPositive();
    assertThat(note(220, 20, 20)).isPositive();
    assertThat(guard.isTrusted(nanos(49))).isFalse();
    assertThat(guard.isTrusted(nanos(50))).isTrue();
  }

  /** It may have looked at its clock at the beginning of the wait or at its end. */
  @Test
  void aSlowAnswerIsNoJump() {
    assertThat(note(0, 0, 20)).isZero();
    assertThat(note(45, 25, 45)).isZero();
    assertThat(guard.isTrusted(nanos(45))).isTrue();
  }

  @Test
  void aClockThatIsSetBackKeepsLeasesLonger() {
    assertThat(note(0, 0, 0)).isZero();
    assertThat(note(-600, 5, 5)).isZero();
    assertThat(guard.isTrusted(nanos(5))).isTrue();
  }
}
