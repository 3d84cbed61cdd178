package dev.postrider.delivery;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What to do after an attempt. */
public sealed interface Decision {
  /** The provider took it. */
  record HandOff(String providerMessageId) implements Decision {}

  /**
   * Try again.
   *
   * @param counts whether this attempt counts against the limit
   * @param ambiguous whether it may have arrived
   */
  record Retry(Duration after, boolean counts, boolean ambiguous, String code, String detail)
      implements Decision {}

  /** Wait for a receipt or a look-up: it may have arrived, and it must not be repeated. */
  record Park(String code, String detail) implements Decision {}

  /** It will not get through. */
  record GiveUp(String code, String detail, Cause cause) implements Decision {}

  /** Why an attempt was the last one; its word is what the audit trail says. */
  enum Cause {
    /** The provider will never take it. */
    REJECTED,
    /** A retry rule says that what was answered is not tried again. */
    RULED_OUT,
    /** As many attempts were made as may be. */
    RAN_OUT;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Cause> parse(String word) {
      return Arrays.stream(values()).filter(cause -> cause.word().equals(word)).findFirst();
    }
  }
}
