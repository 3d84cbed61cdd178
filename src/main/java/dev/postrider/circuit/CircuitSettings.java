package dev.postrider.circuit;

import dev.postrider.platform.SettingsException;
import dev.postrider.queue.Backoff;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When a sender's circuit opens, and for how long.
 *
 * @param window how many of its latest calls are looked at
 * @param minimum how many there must have been
 * @param failureRate the share of them without a clear answer that opens it, in percent
 * @param firstWait the longest wait before the first probe; it doubles with each that fails
 * @param longestWait the longest wait of all, unless the provider asks for more
 */
@ConfigurationProperties("postrider.circuit")
public record CircuitSettings(
    @DefaultValue("20") int window,
    @DefaultValue("10") int minimum,
    @DefaultValue("50") int failureRate,
    @DefaultValue("1s") Duration firstWait,
    @DefaultValue("60s") Duration longestWait) {

  public CircuitSettings {
    if (minimum < 1 || window < minimum) {
      throw new SettingsException(
          "postrider.circuit.minimum",
          "must be from 1 to postrider.circuit.window",
          "Their defaults are 10 and 20.");
    }
    if (failureRate < 1 || failureRate > 100) {
      throw new SettingsException(
          "postrider.circuit.failure-rate", "must be from 1 to 100", "Its default is 50.");
    }
  }

  Backoff waits() {
    return new Backoff(firstWait, 2, longestWait);
  }
}
