package dev.postrider.delivery;

import dev.postrider.channel.Receipt;
import dev.postrider.platform.Wired;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Attempts by provider and answer, calls by provider, receipts by kind. */
@Wired
public class DeliveryMetrics {
  /** Calls that ended. Tags: provider; outcome "accepted", "deferred", "rejected", "unclear". */
  public static final String ATTEMPTS = "postrider.delivery.attempts";

  /** How long a provider call took. Tags: provider. */
  public static final String CALL = "postrider.delivery.call";

  /** Receipts taken in. Tags: kind "sent", "failed", "delivered", "read". */
  public static final String RECEIPTS = "postrider.delivery.receipts";

  private final MeterRegistry registry;
  private final Map<String, Timer> calls = new ConcurrentHashMap<>();
  private final Map<String, Counter> attempts = new ConcurrentHashMap<>();

  public DeliveryMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  void attempted(String provider, Attempt.Outcome outcome, Duration took) {
    attempts
        .computeIfAbsent(
            provider + outcome.word(),
            _ -> registry.counter(ATTEMPTS, "provider", provider, "outcome", outcome.word()))
        .increment();
    calls.computeIfAbsent(provider, _ -> registry.timer(CALL, "provider", provider)).record(took);
  }

  void receipt(Receipt.Kind kind) {
    registry.counter(RECEIPTS, "kind", kind.word()).increment();
  }
}
