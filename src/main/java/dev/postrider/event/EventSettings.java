package dev.postrider.event;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long events are kept.
 *
 * @param keep an event older than this is deleted; who has not caught up by then sees a gap
 */
@ConfigurationProperties("postrider.event")
public record EventSettings(@DefaultValue("7d") Duration keep) {}
