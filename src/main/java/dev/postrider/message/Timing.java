package dev.postrider.message;

import dev.postrider.platform.Violations;
import dev.postrider.platform.WallClock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a message should go, checked.
 *
 * @param scheduledFor not before this; null for at once
 * @param expiresAt not at or after this; null where the caller does not say
 * @param recipientZone the zone whose clock the recipient lives by; null where nobody knows
 */
record Timing(
    @Nullable Instant scheduledFor, @Nullable Instant expiresAt, @Nullable ZoneId recipientZone) {
  private static final Duration PAST = Duration.ofMinutes(5);
  private static final Duration FUTURE = Duration.ofDays(366);

  static Timing of(MessageDraft.Times wanted, Instant now, Violations violations) {
    ZoneId zone = zone("time_zone", wanted.timeZone(), violations);
    Instant scheduledFor = time("scheduled_for", wanted.scheduledFor(), zone, violations);
    if (scheduledFor != null
        && !violations.require(
            !scheduledFor.isBefore(now.minus(PAST)) && !scheduledFor.isAfter(now.plus(FUTURE)),
            "scheduled_for",
            "must lie within the next 366 days")) {
      scheduledFor = null; // nothing can be reckoned from it
    }
    Instant expiresAt = time("expires_at", wanted.expiresAt(), zone, violations);
    Long ttl = wanted.ttlSeconds();
    if (ttl != null) {
      violations.require(
          wanted.expiresAt() == null, "ttl_seconds", "and expires_at exclude each other; give one");
      if (violations.require(
          ttl >= 1 && ttl <= FUTURE.toSeconds(),
          "ttl_seconds",
          "must be from 1 to " + FUTURE.toSeconds())) {
        expiresAt = due(scheduledFor, now).plusSeconds(ttl);
      }
    }
    if (expiresAt != null) {
      violations.require(
          expiresAt.isAfter(now) && (scheduledFor == null || expiresAt.isAfter(scheduledFor)),
          "expires_at",
          "must lie in the future, and after scheduled_for");
      violations.require(
          !expiresAt.isAfter(due(scheduledFor, now).plus(FUTURE)),
          "expires_at",
          "must lie within 366 days of when it is due");
    }
    return new Timing(
        scheduledFor,
        expiresAt,
        zone("recipient_time_zone", wanted.recipientTimeZone(), violations));
  }

  /** When it is due: at once where it has no time, or one that has passed. */
  static Instant due(@Nullable Instant scheduledFor, Instant now) {
    return scheduledFor == null || scheduledFor.isBefore(now) ? now : scheduledFor;
  }

  private static @Nullable ZoneId zone(String field, @Nullable String name, Violations violations) {
    Optional<ZoneId> zone = WallClock.zone(name == null ? "" : name);
    violations.require(
        name == null || zone.isPresent(), field, "must be an IANA zone, such as America/Sao_Paulo");
    return zone.orElse(null);
  }

  private static @Nullable Instant time(
      String field, @Nullable String text, @Nullable ZoneId zone, Violations violations) {
    if (text == null) {
      return null;
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException | ArithmeticException _) {
      return local(field, text, zone, violations);
    }
  }

  private static @Nullable Instant local(
      String field, String text, @Nullable ZoneId zone, Violations violations) {
    try {
      LocalDateTime local = LocalDateTime.parse(text);
      if (zone != null) {
        return WallClock.at(local, zone);
      }
      violations.add(field, "has no offset, and there is no time_zone to read it by");
    } catch (DateTimeException | ArithmeticException _) {
      violations.add(
          field,
          "must be a time with offset, such as 2026-12-24T18:00:00+01:00, or one without and a"
              + " time_zone");
    }
    return null;
  }
}
