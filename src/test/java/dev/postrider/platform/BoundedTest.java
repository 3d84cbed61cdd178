package dev.postrider.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BoundedTest {
  private final Bounded bounded = new Bounded("test", 1, Duration.ofMillis(20));

  @Test
  void whoFindsNoPlaceInTimeIsRefused() {
    bounded.run(() -> {
      assertThatThrownBy(() -> bounded.run(() -> 1)).isInstanceOf(Overloaded.class);
      return 1;
    });
    assertThat(bounded.run(() -> 2)).isEqualTo(2);
  }

  @Test
  void aPlaceIsFreeAgainAfterAFailure() {
    assertThatThrownBy(() ->
            bounded.run(() -> {
              throw new IllegalStateException("broken");
            }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(bounded.run(() -> 2)).isEqualTo(2);
  }
}
