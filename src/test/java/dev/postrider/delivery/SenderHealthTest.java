package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SenderHealthTest {
  private final SenderHealth health = new SenderHealth();

  @Test
  void tenUnclearCallsInARowAreAnOutage() {
    for (int i = 1; i < 10; i++) {
      assertThat(health.unclear(1)).as("number " + i).isFalse();
    }
    assertThat(health.unclear(1)).isTrue();
    assertThat(health.unclear(2)).as("another sender").isFalse();
  }

  @Test
  void oneClearAnswerEndsIt() {
    for (int i = 0; i < 12; i++) {
      health.unclear(1);
    }
    health.answered(1);
    assertThat(health.unclear(1)).isFalse();
  }
}
