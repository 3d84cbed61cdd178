package dev.postrider.channel;

import dev.postrider.platform.Correlation;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One message on its way out.
 *
 * @param attempt this attempt's number, from 1
 * @param deadline how long the whole call may take
 * @param acceptedAt when the message was accepted
 * @param scheduledFor before when it is not sent; null for at once
 * @param expiresAt when it is of no use any more, for providers that can be told; null for never
 */
public record Outbound(
    long messageId,
    SenderAccount sender,
    String recipient,
    Content content,
    int attempt,
    Duration deadline,
    Instant acceptedAt,
    @Nullable Instant scheduledFor,
    @Nullable Instant expiresAt,
    String correlationId,
    @Nullable String traceparent) {

  /** Headers by which the provider's side can be told to belong to the caller's request. */
  public Map<String, String> tracing() {
    Map<String, String> headers = new HashMap<>();
    headers.put(Correlation.HEADER, correlationId);
    if (traceparent != null) {
      headers.put(Correlation.TRACE, traceparent);
    }
    return headers;
  }

  /** The date it carries, on every attempt: one that was written long before would look old. */
  public Instant date() {
    return scheduledFor != null && scheduledFor.isAfter(acceptedAt) ? scheduledFor : acceptedAt;
  }

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
        acceptedAt,
        scheduledFor,
        expiresAt,
        correlationId,
        traceparent);
  }
}
