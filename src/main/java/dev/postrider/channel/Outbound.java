package dev.postrider.channel;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One message on its way out.
 *
 * @param attempt this attempt's number, from 1
 * @param deadline how long the whole call may take
 * @param composedAt when the message was accepted: the date it carries, on every attempt
 * @param expiresAt when it is of no use any more, for providers that can be told; null for never
 */
public record Outbound(
    long messageId,
    SenderAccount sender,
    String recipient,
    Content content,
    int attempt,
    Duration deadline,
    Instant composedAt,
    @Nullable Instant expiresAt,
    String correlationId,
    @Nullable String traceparent) {

  /** The same, with less time. */
  public Outbound within(Duration share) {
    return with(content, share);
  }

  /** The same, saying this. */
  public Outbound with(Content whole) {
    return with(whole, deadline);
  }

  private Outbound with(Content whole, Duration share) {
    return new Outbound(
        messageId,
        sender,
        recipient,
        whole,
        attempt,
        share,
        composedAt,
        expiresAt,
        correlationId,
        traceparent);
  }
}
