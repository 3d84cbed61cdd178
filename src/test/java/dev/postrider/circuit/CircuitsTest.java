package dev.postrider.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.queue.Dispatcher;
import dev.postrider.queue.QueueSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class CircuitsTest {
  /** Nobody listens there. */
  private final CircuitStore absent =
      new CircuitStore(
          JdbcClient.create(new DriverManagerDataSource("jdbc:postgresql://127.0.0.1:9/none")));

  private final Dispatcher dispatcher =
      new Dispatcher(
          new QueueSettings(
              Duration.ofSeconds(30),
              Duration.ofSeconds(9),
              Duration.ofSeconds(5),
              Duration.ofMillis(200),
              64,
              32,
              1024,
              256,
              3,
              Duration.ofSeconds(25)));

  private final Circuits circuits =
      new Circuits(
          absent,
          new CircuitSettings(20, 10, 50, Duration.ofSeconds(1), Duration.ofSeconds(60)),
          dispatcher,
          new CircuitMetrics(new SimpleMeterRegistry()),
          new Random(1));

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
