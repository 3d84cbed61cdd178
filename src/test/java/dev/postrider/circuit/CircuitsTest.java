package dev.postrider.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.queue.Dispatcher;
import dev.postrider.queue.TestSettings;
import dev.postrider.testing.Eventually;
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
      circuits.failed(1, "timeout_after_write", System.nanoTime());
    }
    assertThat(circuits.standing()).containsKey(1L).isEqualTo(circuits.standing());
    assertThat(circuits.putOff(2, Duration.ofSeconds(30), "http_429", System.nanoTime()))
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(dispatcher.pausedFor(2)).isPositive();
    circuits.succeeded(1);
  }

  /** A refusal of our own says nothing of the provider: the next call still finds out. */
  @Test
  void whatWasNotCalledClosesNothing() {
    Circuits own = TestCircuits.orderedByNobody(dispatcher);
    own.putOff(1, Duration.ofMillis(1), "busy", System.nanoTime());
    Eventually.value(() -> own.permits(1), it -> it);
    own.notCalled(1);
    assertThat(own.notClosed()).contains(1L);
    assertThat(own.permits(1)).as("its permission is given back").isTrue();
    own.succeeded(1);
    assertThat(own.notClosed()).isEmpty();
  }

  /** All its backlog would be called again every second, and written down each time. */
  @Test
  void oneThatIsForcedClosedBeforeADeadServerIsCalledOnceAtATime() {
    Circuits forced = TestCircuits.forcedClosed(1, dispatcher);
    forced.putOff(1, Duration.ZERO, "connect_failed", System.nanoTime());
    assertThat(dispatcher.pausedFor(1)).isPositive();
  }

  /** A sender that is back must not rest again for what was asked of it before. */
  @Test
  void whatBeganBeforeItOpenedSaysNothingOfTheTimeAfter() {
    long before = System.nanoTime();
    circuits.putOff(1, Duration.ofMillis(1), "busy", before);
    Eventually.value(() -> dispatcher.pausedFor(1), Duration::isZero);
    circuits.succeeded(1);
    for (int i = 0; i < 20; i++) {
      circuits.failed(1, "timeout_after_write", before);
      circuits.putOff(1, Duration.ZERO, "connect_failed", before);
    }
    assertThat(dispatcher.pausedFor(1)).isZero();
    circuits.putOff(1, Duration.ofSeconds(9), "http_429", before);
    assertThat(dispatcher.pausedFor(1)).as("what a provider asks for counts").isPositive();
  }
}
