package dev.postrider.platform;

import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What ties a request, its log lines, its message and the calls made for it together.
 *
 * @param id the caller's {@code X-Correlation-ID}, or one of ours
 * @param traceparent the caller's W3C trace context, when there was a valid one
 */
public record Correlation(String id, @Nullable String traceparent) {
  public static final String HEADER = "X-Correlation-ID";
  public static final String MDC_KEY = "correlation_id";

  /** W3C Trace Context's header, and its name in log lines. */
  public static final String TRACE = "traceparent";

  private static final Logged LOGGED = new Logged(MDC_KEY);
  private static final Logged TRACED = new Logged(MDC_KEY, TRACE);

  private static final Pattern TRACEPARENT =
      Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  /** Whether the text is a correlation id we accept: {@code [A-Za-z0-9._:-]{1,128}}. */
  public static boolean accepts(@Nullable String id) {
    if (id == null || id.isEmpty() || id.length() > 128) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean fine =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '_'
              || c == ':'
              || c == '-';
      if (!fine) {
        return false;
      }
    }
    return true;
  }

  /** Takes what the caller sent where it is valid, and makes up an id where it is not. */
  public static Correlation of(@Nullable String id, @Nullable String traceparent, long nowMillis) {
    String trace =
        traceparent != null && TRACEPARENT.matcher(traceparent).matches() ? traceparent : null;
    return new Correlation(id != null && accepts(id) ? id : newId(nowMillis), trace);
  }

  /** That a correlation is in the log lines of this thread. */
  public static final class Logged implements AutoCloseable {
    private final String[] keys;

    private Logged(String... keys) {
      this.keys = keys;
    }

    @Override
    public void close() {
      for (String key : keys) {
        MDC.remove(key);
      }
    }
  }

  /** Puts it into every log line of this thread, until what is returned is closed. */
  public Logged logged() {
    MDC.put(MDC_KEY, id);
    if (traceparent == null) {
      return LOGGED;
    }
    MDC.put(TRACE, traceparent);
    return TRACED;
  }

  /**
   * Adds it to a line that a thread writes for many. Where it is there already nothing is added: a
   * key that comes twice costs the whole line.
   */
  public LoggingEventBuilder addTo(LoggingEventBuilder line) {
    if (MDC.get(MDC_KEY) != null) {
      return line;
    }
    LoggingEventBuilder more = line.addKeyValue(MDC_KEY, id);
    return traceparent == null ? more : more.addKeyValue(TRACE, traceparent);
  }

  /** A UUIDv7 (RFC 9562): ordered by time, so that its index grows at one end only. */
  static String newId(long nowMillis) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long high = (nowMillis << 16) | 0x7000L | (random.nextInt() & 0x0fff);
    long low = (random.nextLong() >>> 2) | 0x8000000000000000L;
    return new java.util.UUID(high, low).toString();
  }
}
