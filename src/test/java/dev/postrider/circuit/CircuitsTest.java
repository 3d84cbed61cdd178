package dev.postrider.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.queue.Dispatcher;
import dev.postrider.queue.TestSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CircuitsTest {
  private final Dispatcher dispatcher = new Dispatcher(TestSettings.queue());
  private final Circuits circuits = TestCircuits.withoutDatabase(dispatcher);

  /** A call that was made must not be taken for none because nobody can be asked. */
  @Test
  void whatCameOfACallIsNotedWithoutTheDatabase() {
    assertThatThrownBy(() -> circuits.permits(1)).as("before a call").isNotNull();
    for (int i = 0; i < 10; i++) {
      circuits.failed(1, "timeout_after_write");
    }
    assertThat(circuits.standing()).containsKey(1L);
    assertThat(circuits.putOff(2, Duration.ofSeconds(30), "http_429"))
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(dispatcher.pausedFor(2)).isPositive();
    circuits.succeeded(1);
  }
}
