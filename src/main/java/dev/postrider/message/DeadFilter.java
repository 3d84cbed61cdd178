package dev.postrider.message;

import dev.postrider.platform.Violations;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant; null where any will do.
 *
 * @param code of the last answer
 */
record DeadFilter(
    @Nullable String code,
    @Nullable Long senderId,
    @Nullable String campaignId,
    @Nullable Instant createdFrom,
    @Nullable Instant createdTo) {
  private static final int MAX_CODE = 64;

  /** The years PostgreSQL can tell apart. */
  private static final Instant LAST = Instant.parse("9999-01-01T00:00:00Z");

  /** A filter as it is written in JSON: asked for, stored and shown alike. */
  record Document(
      @Nullable String code,
      @Nullable Long senderId,
      @Nullable String campaignId,
      @Nullable String createdFrom,
      @Nullable String createdTo) {

    DeadFilter checked() {
      Violations violations = new Violations();
      violations.line("code", code, MAX_CODE);
      violations.line("campaign_id", campaignId, MAX_CODE);
      DeadFilter filter =
          new DeadFilter(
              code,
              senderId,
              campaignId,
              time("created_from", createdFrom, violations),
              time("created_to", createdTo, violations));
      violations.throwIfAny();
      return filter;
    }

    private static @Nullable Instant time(
        String field, @Nullable String text, Violations violations) {
      if (text == null) {
        return null;
      }
      try {
        Instant at = OffsetDateTime.parse(text).toInstant();
        if (at.isAfter(Instant.EPOCH) && at.isBefore(LAST)) {
          return at;
        }
      } catch (DateTimeException | ArithmeticException _) {
        // said below
      }
      violations.add(field, "must be a time with offset, such as 2026-12-24T18:00:00Z");
      return null;
    }
  }
}
