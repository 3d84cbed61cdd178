package dev.postrider.delivery;

import dev.postrider.queue.Backoff;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How attempts are retried.
 *
 * @param firstRetry the longest wait after the first attempt of a message
 * @param retryFactor by how much it grows with each attempt
 * @param longestRetry the longest wait of all
 * @param uncertainFor how long an uncertain message waits for a receipt or a look-up to settle it
 * @param lookUpEvery how often an uncertain message is looked up meanwhile
 * @param orphansFor how long a receipt waits for its message to become known
 */
@ConfigurationProperties("postrider.delivery")
public record DeliverySettings(
    @DefaultValue("4s") Duration firstRetry,
    @DefaultValue("3") int retryFactor,
    @DefaultValue("1h") Duration longestRetry,
    @DefaultValue("10m") Duration uncertainFor,
    @DefaultValue("30s") Duration lookUpEvery,
    @DefaultValue("72h") Duration orphansFor) {

  DeliveryPolicy policy() {
    return new DeliveryPolicy(new Backoff(firstRetry, retryFactor, longestRetry));
  }
}
