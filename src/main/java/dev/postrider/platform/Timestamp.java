package dev.postrider.platform;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * A moment as callers write it: RFC 3339 with an offset, in the years PostgreSQL can tell apart.
 */
public final class Timestamp {
  /** What is said of one that is not. */
  public static final String RULE = "must be a time with offset, such as 2026-12-24T18:00:00Z";

  /** What is longer is no time; where the text itself is kept, it is refused. */
  public static final int LONGEST = 64;

  private static final Instant LAST = Instant.parse("9999-01-01T00:00:00Z");

  private Timestamp() {}

  public static Optional<Instant> parse(String text) {
    try {
      Instant at = OffsetDateTime.parse(Text.cleaned(text, LONGEST)).toInstant();
      return at.isAfter(Instant.EPOCH) && at.isBefore(LAST) ? Optional.of(at) : Optional.empty();
    } catch (DateTimeException | ArithmeticException _) {
      return Optional.empty();
    }
  }

  /** The moment that a field or a parameter names; 422 when it does not. */
  public static Instant required(String field, String text) {
    return parse(text).orElseThrow(() -> ProblemException.invalid(field, RULE));
  }
}
