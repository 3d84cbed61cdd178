package dev.postrider.message;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What a message may be, and how many are accepted at once.
 *
 * @param maxAge a message without {@code expires_at} expires so long after it is due
 * @param maxAttempts attempts that count, unless the message says otherwise
 * @param acceptBuffer messages that may wait for their commit; more are refused with 429
 * @param acceptBatch messages in one commit
 * @param acceptWait how long a caller waits for its commit before it is told 503
 */
@ConfigurationProperties("postrider.message")
public record MessageSettings(
    @DefaultValue("72h") Duration maxAge,
    @DefaultValue("8") int maxAttempts,
    @DefaultValue("8192") int acceptBuffer,
    @DefaultValue("512") int acceptBatch,
    @DefaultValue("5s") Duration acceptWait) {}
