package dev.postrider.channel;

import dev.postrider.channel.egress.Reply;
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
    /** This message or the whole sender, not now; nothing was sent. */
    DEFER_EITHER,
    /** The whole sender, not now; nothing was sent. */
    DEFER_SENDER,
    /** Never. */
    REJECT,
    /** It may have been sent. */
    UNCLEAR
  }

  /**
   * What an HTTP status means by itself, as {@code http_404} or {@code http_4xx}. 5xx may come
   * after the request took effect, 503 too: a proxy says so of a server that went away in the
   * middle (Envoy: "upstream connect error or disconnect/reset before headers"). What is said by
   * others than the provider (not allowed, a tunnel's, moved away) is not about the message.
   */
  public static final ErrorTable HTTP =
      new ErrorTable(Map.of(), Meaning.UNCLEAR)
          .with(
              Meaning.DEFER_SENDER,
              "http_401",
              "http_402",
              "http_403",
              "http_404",
              "http_405",
              "http_407",
              "http_410",
              "http_421",
              "http_425",
              "http_429",
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

  /**
   * The meaning of an HTTP answer: by these codes of the vendor's, then by its status.
   *
   * @param own whether the provider itself says so, and not what stands before it
   */
  public Meaning ofHttp(Reply.Answer answer, boolean own, String... codes) {
    Meaning meaning = first(codes);
    if (meaning != null) {
      return meaning;
    }
    int status = answer.status();
    // Of the provider's own: it has taken nothing.
    boolean busy = status == 503 && (own || answer.header("retry-after").isPresent());
    return busy ? Meaning.DEFER_SENDER : of("http_" + status, "http_" + status / 100 + "xx");
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
      case DEFER_EITHER ->
          new SendResult.Deferred(SendResult.Scope.EITHER, code, detail, retryAfter);
      case DEFER_SENDER ->
          new SendResult.Deferred(SendResult.Scope.SENDER, code, detail, retryAfter);
      case REJECT -> new SendResult.Rejected(code, detail);
      case UNCLEAR -> SendResult.unclear(code, detail);
    };
  }
}
