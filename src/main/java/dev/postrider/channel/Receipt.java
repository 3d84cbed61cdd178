package dev.postrider.channel;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a provider tells us later about a message it took.
 *
 * @param at when it happened, by the provider's clock; null when it does not say
 */
public record Receipt(
    String providerMessageId, Kind kind, @Nullable Instant at, @Nullable String detail) {

  /** What happened to the message. */
  public enum Kind {
    SENT,
    FAILED,
    DELIVERED,
    READ;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
