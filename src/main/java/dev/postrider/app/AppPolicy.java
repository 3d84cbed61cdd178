package dev.postrider.app;

import dev.postrider.platform.Violations;
import dev.postrider.platform.WallClock;
import dev.postrider.ratelimit.Rate;
import java.time.DateTimeException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an application may ask for, when its messages may go, and how they are retried.
 *
 * @param requests limits of its keys' requests
 * @param messages limits of the messages it may have accepted
 */
public record AppPolicy(
    Optional<QuietHours> quietHours, List<Rate> requests, List<Rate> messages, RetryRule retry) {
  /** A policy as it is written in JSON: asked for, stored and shown alike. */
  public record Document(
      @Nullable QuietDocument quietHours,
      @Nullable LimitsDocument limits,
      @Nullable RetryDocument retry) {

    AppPolicy checked(Violations violations) {
      return new AppPolicy(
          Optional.ofNullable(quietHours).map(quiet -> quiet.checked(violations)),
          limits == null ? List.of() : limits.requestRates(violations),
          limits == null ? List.of() : limits.messageRates(violations),
          retry == null ? RetryRule.NONE : retry.checked("retry", violations));
    }
  }

  /**
   * Quiet hours in JSON.
   *
   * @param start such as 22:00
   * @param end such as 08:00
   * @param timeZone by its IANA name; a message's own recipient_time_zone goes before it
   */
  public record QuietDocument(
      @Nullable String start, @Nullable String end, @Nullable String timeZone) {

    QuietHours checked(Violations violations) {
      LocalTime first = time("quiet_hours.start", start, violations);
      LocalTime last = time("quiet_hours.end", end, violations);
      violations.require(!first.equals(last), "quiet_hours.end", "must differ from start");
      ZoneId zone = WallClock.zone(timeZone == null ? "" : timeZone).orElse(null);
      violations.require(
          zone != null, "quiet_hours.time_zone", "must be an IANA zone, such as Europe/Berlin");
      return new QuietHours(first, last, zone == null ? ZoneId.of("UTC") : zone);
    }

    private static LocalTime time(String field, @Nullable String text, Violations violations) {
      try {
        return LocalTime.parse(text == null ? "" : text);
      } catch (DateTimeException _) {
        violations.add(field, "must be a time of day, such as 22:00");
        return field.endsWith("end") ? LocalTime.NOON : LocalTime.MIDNIGHT;
      }
    }
  }
}
