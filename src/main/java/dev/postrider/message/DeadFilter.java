package dev.postrider.message;

import dev.postrider.platform.Timestamp;
import dev.postrider.platform.Violations;
import java.time.Instant;
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
  /** All of them. */
  static final DeadFilter ALL = new DeadFilter(null, null, null, null, null);

  private static final int MAX_CODE = 64;

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
      violations.line(field, text, Timestamp.LONGEST);
      Instant at = text == null ? null : Timestamp.parse(text).orElse(null);
      violations.require(text == null || at != null, field, Timestamp.RULE);
      return at;
    }
  }
}
