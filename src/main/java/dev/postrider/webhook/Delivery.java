package dev.postrider.webhook;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to deliver an event.
 *
 * @param status the answer's HTTP status; null when there was none
 * @param code "delivered", or why it was not: "http_500", "timeout_after_write", ...
 * @param excerpt the beginning of the answer, at most 1000 characters
 */
record Delivery(
    long seq,
    String type,
    Instant at,
    @Nullable Integer status,
    String code,
    long tookMillis,
    @Nullable String excerpt) {
  static final String DELIVERED = "delivered";

  boolean isDelivered() {
    return code.equals(DELIVERED);
  }
}
