package dev.postrider.webhook;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How endpoints are told.
 *
 * @param running deliveries at once on a node
 * @param runningPerEndpoint deliveries at once to one endpoint from a node
 * @param timeout how long an endpoint may take to answer
 * @param retryAfter the waits between the attempts of a delivery, at least; then it is given up
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
    @DefaultValue("7d") Duration keepDeliveries) {}
