package dev.postrider.circuit;

import dev.postrider.platform.Wired;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** How many circuits are not closed, and how often they change. */
@Wired
public class CircuitMetrics {
  /** Senders whose circuit is open or half open on this node, sampled every second. */
  public static final String OPEN = "postrider.circuit.open";

  /** Circuits that opened or closed. Tags: to "open", "closed". */
  public static final String CHANGES = "postrider.circuit.changes";

  private final MeterRegistry registry;
  private volatile int open;

  public CircuitMetrics(MeterRegistry registry) {
    this.registry = registry;
    Gauge.builder(OPEN, () -> open).register(registry);
    registry.counter(CHANGES, "to", "open");
    registry.counter(CHANGES, "to", "closed");
  }

  void changed(String to) {
    registry.counter(CHANGES, "to", to).increment();
  }

  void open(int count) {
    open = count;
  }
}
