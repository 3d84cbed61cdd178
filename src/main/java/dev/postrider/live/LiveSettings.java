package dev.postrider.live;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How live updates are given.
 *
 * @param connections at once on a node; more are refused with 429
 * @param connectionsPerApplication at once on a node, of the same application
 * @param origins web pages of other origins that may connect, such as {@code https://example.com}
 * @param sendWithin a WebSocket that does not take what is sent within this time is dropped; by
 *     /sse it is the server's connection timeout
 * @param checkEvery how often a connection is pinged, and its key looked at again; one that answers
 *     no ping for three times as long is dropped
 * @param ticketFor how long a ticket may be redeemed
 */
@ConfigurationProperties("postrider.live")
public record LiveSettings(
    @DefaultValue("1000") int connections,
    @DefaultValue("500") int connectionsPerApplication,
    @DefaultValue({}) List<String> origins,
    @DefaultValue("5s") Duration sendWithin,
    @DefaultValue("30s") Duration checkEvery,
    @DefaultValue("30s") Duration ticketFor) {}
