package dev.postrider.circuit;

import dev.postrider.queue.Dispatcher;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Circuits whose database is away: nobody listens there. */
public final class TestCircuits {
  private TestCircuits() {}

  public static Circuits withoutDatabase(Dispatcher dispatcher) {
    return of(
        new CircuitStore(
            JdbcClient.create(new DriverManagerDataSource("jdbc:postgresql://127.0.0.1:9/none"))),
        dispatcher);
  }

  /** One circuit that somebody has forced closed. */
  static Circuits forcedClosed(long sender, Dispatcher dispatcher) {
    return ordered(Map.of(sender, new Order(Order.Forced.CLOSED, Instant.EPOCH)), dispatcher);
  }

  /** Nobody has said anything of any. */
  static Circuits orderedByNobody(Dispatcher dispatcher) {
    return ordered(Map.of(), dispatcher);
  }

  private static Circuits ordered(Map<Long, Order> orders, Dispatcher dispatcher) {
    Circuits circuits =
        of(
            new CircuitStore(
                JdbcClient.create(
                    new DriverManagerDataSource("jdbc:postgresql://127.0.0.1:9/none"))) {
              @Override
              Map<Long, Order> orders() {
                return orders;
              }
            },
            dispatcher);
    circuits.follow();
    return circuits;
  }

  static Circuits of(CircuitStore store, Dispatcher dispatcher) {
    return new Circuits(
        store,
        new CircuitSettings(20, 10, 50, Duration.ofSeconds(1), Duration.ofSeconds(60)),
        dispatcher,
        new CircuitMetrics(new SimpleMeterRegistry()),
        new Random(1),
        InstantSource.system());
  }
}
