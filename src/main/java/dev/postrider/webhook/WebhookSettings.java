package dev.postrider.webhook;

import dev.postrider.platform.SettingsException;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How endpoints are told.
 *
 * @param running deliveries at once on a node
 * @param runningPerEndpoint deliveries at once to one endpoint from a node
 * @param timeout how long an endpoint may take to answer, at most 15 seconds
 * @param retryAfter the waits between the attempts of a delivery, at least; then it is given up,
 *     unless the endpoint takes nothing at all
 * @param firstPause the longest rest of an endpoint after a delivery failed; it doubles
 * @param longestPause the longest rest of an endpoint
 * @param disableAfter an endpoint that has taken nothing for so long is disabled
 * @param keepDeliveries how long the log of deliveries is kept
 */
@ConfigurationProperties("postrider.webhook")
public record WebhookSettings(
    @DefaultValue("256") int running,
    @DefaultValue("16") int runningPerEndpoint,
    @DefaultValue("15s") Duration timeout,
    @DefaultValue({"5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h", "24h"})
        List<Duration> retryAfter,
    @DefaultValue("1s") Duration firstPause,
    @DefaultValue("60s") Duration longestPause,
    @DefaultValue("120h") Duration disableAfter,
    @DefaultValue("7d") Duration keepDeliveries) {

  private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(15);

  public WebhookSettings {
    if (running < 1 || runningPerEndpoint < 1) {
      throw new SettingsException(
          "postrider.webhook.running",
          "and postrider.webhook.running-per-endpoint must be at least 1",
          "Their defaults are 256 and 16.");
    }
    if (!timeout.isPositive() || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
      throw new SettingsException(
          "postrider.webhook.timeout",
          "must be more than 0 and at most 15s",
          "Its default is 15s.");
    }
    if (retryAfter.isEmpty() || retryAfter.stream().anyMatch(Duration::isNegative)) {
      throw new SettingsException(
          "postrider.webhook.retry-after",
          "must hold at least one wait, and none below 0",
          "Its default is 5s,5m,30m,2h,5h,10h,14h,20h,24h,24h.");
    }
  }

  /** The least time from a delivery's first attempt to its last. */
  Duration allRetries() {
    return retryAfter.stream().reduce(Duration.ZERO, Duration::plus);
  }
}
