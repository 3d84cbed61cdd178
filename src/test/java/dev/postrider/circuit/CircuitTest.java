package dev.postrider.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CircuitTest {
  private static final Duration WAIT = Duration.ofSeconds(8);
  private final Time time = new Time();
  private final Circuit circuit =
      new Circuit(
          new CircuitSettings(20, 10, 50, WAIT, Duration.ofSeconds(60)), new Random(1), time);

  /** Goes on when it is told to. */
  private static final class Time implements InstantSource {
    Instant now = Instant.parse("2026-11-25T12:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }
  }

  private void pass(Duration duration) {
    time.now = time.now.plus(duration);
  }

  private boolean isOpen() {
    Circuit.Standing standing = circuit.standing();
    return standing != null && standing.state().equals("open");
  }

  private Circuit.Standing standing() {
    return Objects.requireNonNull(circuit.standing());
  }

  @Test
  void opensWithTheTenthFailureInARow() {
    for (int i = 1; i < 10; i++) {
      assertThat(circuit.permits()).isTrue();
      assertThat(circuit.failed("http_500").opened()).as("number " + i).isNull();
    }
    assertThat(circuit.failed("http_503").opened()).isNotNull();
    assertThat(standing().code()).isEqualTo("http_503");
    assertThat(circuit.permits()).isFalse();
  }

  /** It opened unseen, and for a minute: nobody looked after an answer. */
  @Test
  void anAnswerThatCompletesAWindowOfFailuresOpensItInSightAndForAsLongAsAnyOther() {
    for (int i = 0; i < 9; i++) {
      circuit.failed("reset_after_write");
    }
    Duration wait = Objects.requireNonNull(circuit.succeeded().opened());
    assertThat(wait).isLessThanOrEqualTo(WAIT);
    assertThat(standing().code()).isEqualTo("reset_after_write");
    pass(wait.plusMillis(1));
    assertThat(circuit.permits()).isTrue();
    assertThat(circuit.succeeded().closed()).isTrue();
  }

  @Test
  void isQuietWhenNoneOfItsLatestCallsFailed() {
    circuit.failed("timeout");
    for (int i = 1; i < 20; i++) {
      circuit.succeeded();
      assertThat(circuit.isQuiet()).as("after %s answers", i).isFalse();
    }
    circuit.succeeded();
    assertThat(circuit.isQuiet()).isTrue();
    circuit.putOff(WAIT, "http_429");
    assertThat(circuit.isQuiet()).as("while it is open").isFalse();
  }

  @Test
  void opensWhenHalfOfTheLatestTwentyFail() {
    for (int i = 0; i < 20; i++) {
      circuit.succeeded();
    }
    for (int i = 0; i < 9; i++) {
      circuit.failed("timeout");
      circuit.succeeded();
    }
    assertThat(isOpen()).isFalse();
    circuit.failed("timeout");
    assertThat(isOpen()).isTrue();
  }

  @Test
  void oneSuccessInThreeKeepsItClosedOnlyBelowHalf() {
    for (int i = 0; i < 60; i++) {
      circuit.failed("timeout");
      circuit.succeeded();
      circuit.succeeded();
    }
    assertThat(isOpen()).isFalse();
  }

  @Test
  void letsOneProbeThroughAfterItsWaitAndClosesWhenItSucceeds() {
    Duration wait = circuit.putOff(Duration.ofSeconds(30), "http_429");
    assertThat(wait).as("as long as the provider asked").isEqualTo(Duration.ofSeconds(30));
    pass(wait.minusMillis(1));
    assertThat(circuit.permits()).isFalse();
    pass(Duration.ofMillis(2));
    assertThat(circuit.permits()).isTrue();
    assertThat(circuit.permits()).as("a second at the same time").isFalse();
    assertThat(standing().state()).isEqualTo("half_open");
    assertThat(circuit.succeeded().closed()).isTrue();
    assertThat(circuit.standing()).isNull();
    assertThat(circuit.permits()).isTrue();
  }

  @Test
  void waitsLongerWithEachProbeThatFailsAndShortAgainAfterASuccess() {
    Duration longest = Duration.ZERO;
    for (int i = 1; i <= 30; i++) {
      Duration wait = circuit.putOff(Duration.ZERO, "connect_failed");
      assertThat(wait).isBetween(Duration.ZERO, Duration.ofSeconds(60));
      longest = wait.compareTo(longest) > 0 ? wait : longest;
      assertThat(standing().openings()).isEqualTo(i);
      pass(wait.plusMillis(1));
      assertThat(circuit.permits()).isTrue();
    }
    assertThat(longest).isGreaterThan(WAIT);
    circuit.succeeded();
    assertThat(circuit.putOff(Duration.ZERO, "connect_failed")).isLessThanOrEqualTo(WAIT);
    assertThat(standing().openings()).isEqualTo(1);
  }

  @Test
  void callsThatWereUnderWayTogetherOpenItOnce() {
    Duration wait = circuit.putOff(Duration.ofSeconds(20), "http_503");
    pass(Duration.ofSeconds(5));
    assertThat(circuit.putOff(Duration.ZERO, "http_503")).isEqualTo(wait.minusSeconds(5));
    assertThat(circuit.putOff(Duration.ofSeconds(40), "http_429"))
        .as("whoever asks for more gets it")
        .isEqualTo(Duration.ofSeconds(40));
    assertThat(standing().openings()).isEqualTo(1);
    assertThat(circuit.succeeded().closed()).as("a late success of a call before").isFalse();
    assertThat(isOpen()).isTrue();
  }
}
