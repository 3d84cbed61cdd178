package dev.postrider.delivery;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One try at one provider, as it is journalled. */
public record Attempt(
    long messageId,
    int number,
    long appId,
    long senderId,
    Instant startedAt,
    Instant finishedAt,
    Outcome outcome,
    @Nullable String code,
    @Nullable String detail,
    @Nullable Instant retryAt,
    @Nullable String providerMessageId) {

  /** How it ended. */
  public enum Outcome {
    ACCEPTED,
    DEFERRED,
    REJECTED,
    UNCLEAR,
    /** Its node never came back. */
    CRASH,
    /** Its node came back after its lease was over. */
    LEASE_LOST;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    public static Outcome parse(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }
}
