package dev.postrider.message;

import dev.postrider.platform.Wired;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What accepting looks like from outside. */
@Wired
public class MessageMetrics {
  /** Messages accepted. */
  public static final String ACCEPTED = "postrider.messages.accepted";

  /** Requests refused because the buffer was full or the commit took too long. */
  public static final String REFUSED = "postrider.requests.refused";

  /** From a checked request to its durable commit. */
  public static final String COMMIT = "postrider.accept.commit";

  private final Counter accepted;
  private final Counter refused;
  private final Timer commit;

  public MessageMetrics(MeterRegistry registry) {
    this.accepted = registry.counter(ACCEPTED);
    this.refused = registry.counter(REFUSED);
    this.commit =
        Timer.builder(COMMIT)
            .serviceLevelObjectives(
                Duration.ofMillis(5),
                Duration.ofMillis(10),
                Duration.ofMillis(25),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofSeconds(2))
            .register(registry);
  }

  void accepted(int messages, long nanos) {
    accepted.increment(messages);
    commit.record(nanos, TimeUnit.NANOSECONDS);
  }

  void refused() {
    refused.increment();
  }
}
