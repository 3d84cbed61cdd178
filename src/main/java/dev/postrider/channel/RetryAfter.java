package dev.postrider.channel;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** The {@code Retry-After} header in both its forms (RFC 9110, 10.2.3). */
public final class RetryAfter {
  /** The longest wait that is believed. */
  public static final Duration LONGEST = Duration.ofHours(1);

  private RetryAfter() {}

  /** The wait, from nothing to an hour; empty where the header makes no sense. */
  public static Optional<Duration> parse(String header, Instant now) {
    String text = header.strip();
    if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      // More digits than an hour has seconds is simply longer than an hour.
      return Optional.of(
          text.length() > 9 ? LONGEST : clamped(Duration.ofSeconds(Long.parseLong(text))));
    }
    try {
      Instant at = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(clamped(Duration.between(now, at)));
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
