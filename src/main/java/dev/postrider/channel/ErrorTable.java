package dev.postrider.channel;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A provider's error codes and what they mean for a retry, as data.
 *
 * @param entries the meaning of each code
 * @param otherwise the meaning of a code that is not listed
 */
public record ErrorTable(Map<String, Meaning> entries, Meaning otherwise) {

  /** What a code means. */
  public enum Meaning {
    /** This message, not now; nothing was sent. */
    DEFER_MESSAGE,
    /** The whole sender, not now; nothing was sent. */
    DEFER_SENDER,
    /** Never. */
    REJECT,
    /** It may have been sent. */
    UNCLEAR
  }

  /** The meaning of the first of these codes that is listed: give the most specific first. */
  public Meaning of(String... codes) {
    for (String code : codes) {
      Meaning meaning = entries.get(code);
      if (meaning != null) {
        return meaning;
      }
    }
    return otherwise;
  }

  /** The answer that follows from a meaning. */
  public static SendResult answer(
      Meaning meaning, String code, String detail, Optional<Duration> retryAfter) {
    return switch (meaning) {
      case DEFER_MESSAGE ->
          new SendResult.Deferred(SendResult.Scope.MESSAGE, code, detail, retryAfter);
      case DEFER_SENDER ->
          new SendResult.Deferred(SendResult.Scope.SENDER, code, detail, retryAfter);
      case REJECT -> new SendResult.Rejected(code, detail);
      case UNCLEAR -> SendResult.unclear(code, detail);
    };
  }
}
