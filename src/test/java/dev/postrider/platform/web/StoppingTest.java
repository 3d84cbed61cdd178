package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.Problem;
import org.junit.jupiter.api.Test;
import org.springframework.boot.availability.ApplicationAvailabilityBean;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;

class StoppingTest {
  private final ApplicationAvailabilityBean availability = new ApplicationAvailabilityBean();
  private final Stopping stopping = new Stopping(availability);

  private void is(ReadinessState state) {
    availability.onApplicationEvent(new AvailabilityChangeEvent<>(this, state));
  }

  /** One of 43,826 was told so while nodes were restarted in turn, and was lost by its caller. */
  @Test
  void whatAStopCutShortIsNotMalformed() {
    is(ReadinessState.ACCEPTING_TRAFFIC);
    assertThat(stopping.mayBeToBlameFor(Problem.MALFORMED_REQUEST)).isFalse();
    is(ReadinessState.REFUSING_TRAFFIC);
    assertThat(stopping.mayBeToBlameFor(Problem.MALFORMED_REQUEST)).isTrue();
    assertThat(stopping.mayBeToBlameFor(Problem.VALIDATION_FAILED)).isFalse();
  }
}
