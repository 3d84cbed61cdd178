package dev.postrider.channel;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

  /**
   * What an HTTP status means by itself, as {@code http_503} or {@code http_5xx}. 500, 502 and 504
   * may come after the request took effect.
   */
  public static final ErrorTable HTTP =
      new ErrorTable(Map.of(), Meaning.UNCLEAR)
          .with(
              Meaning.DEFER_SENDER,
              "http_401",
              "http_403",
              "http_404",
              "http_429",
              "http_503",
              "http_3xx")
          .with(Meaning.UNCLEAR, "http_408")
          .with(Meaning.REJECT, "http_4xx");

  /** The same, and these codes. */
  public ErrorTable with(Meaning meaning, String... codes) {
    Map<String, Meaning> more = new HashMap<>(entries);
    for (String code : codes) {
      more.put(code, meaning);
    }
    return new ErrorTable(Map.copyOf(more), otherwise);
  }

  /** The meaning of an HTTP answer: by these codes of the vendor's, then by its status. */
  public Meaning ofHttp(int status, String... codes) {
    Meaning meaning = first(codes);
    return meaning != null ? meaning : of("http_" + status, "http_" + status / 100 + "xx");
  }

  /** The meaning of the first of these codes that is listed: give the most specific first. */
  public Meaning of(String... codes) {
    Meaning meaning = first(codes);
    return meaning == null ? otherwise : meaning;
  }

  private @Nullable Meaning first(String... codes) {
    return Arrays.stream(codes).map(entries::get).filter(Objects::nonNull).findFirst().orElse(null);
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
