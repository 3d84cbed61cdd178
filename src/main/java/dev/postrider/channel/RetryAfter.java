package dev.postrider.channel;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Optional;

/** The {@code Retry-After} header: seconds, or a date (RFC 9110, 10.2.3). */
public final class RetryAfter {
  /** The longest wait that is believed. */
  public static final Duration LONGEST = Duration.ofHours(1);

  private static final DateTimeFormatter ASCTIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private RetryAfter() {}

  /** The wait, from nothing to an hour; empty where the header makes no sense. */
  public static Optional<Duration> parse(String header, Instant now) {
    String text = header.strip();
    if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      // More digits than an hour has seconds is simply longer than an hour.
      return Optional.of(
          text.length() > 9 ? LONGEST : clamped(Duration.ofSeconds(Long.parseLong(text))));
    }
    return date(text, DateTimeFormatter.RFC_1123_DATE_TIME)
        // The two older forms must be read as well (RFC 9110, 5.6.7).
        .or(() -> date(text, rfc850(now)))
        .or(() -> date(text, ASCTIME))
        .map(at -> clamped(Duration.between(now, at)));
  }

  /** Of its two digits, what would be more than fifty years ahead is a year gone by. */
  private static DateTimeFormatter rfc850(Instant now) {
    int first = now.atZone(ZoneOffset.UTC).getYear() - 49;
    return new DateTimeFormatterBuilder()
        .appendPattern("EEEE, dd-MMM-")
        .appendValueReduced(ChronoField.YEAR, 2, 2, first)
        .appendPattern(" HH:mm:ss 'GMT'")
        .toFormatter(Locale.ENGLISH)
        .withZone(ZoneOffset.UTC);
  }

  private static Optional<Instant> date(String text, DateTimeFormatter form) {
    try {
      return Optional.of(ZonedDateTime.parse(text, form).toInstant());
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }

  private static Duration clamped(Duration wait) {
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
  }
}
