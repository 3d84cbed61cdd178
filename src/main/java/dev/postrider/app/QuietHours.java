package dev.postrider.app;

import dev.postrider.platform.WallClock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The hours in which an application's messages wait, by the recipient's clock where a message names
 * its zone, by this zone's otherwise.
 *
 * @param start the first minute of quiet
 * @param end the first minute after it; before {@code start} when the quiet spans midnight
 */
public record QuietHours(LocalTime start, LocalTime end, ZoneId zone) {

  /** When the quiet that holds at this moment is over; empty when none holds. */
  public Optional<Instant> endsAfter(Instant now, @Nullable ZoneId recipientZone) {
    ZoneId where = recipientZone == null ? zone : recipientZone;
    ZonedDateTime local = now.atZone(where);
    LocalTime time = local.toLocalTime();
    boolean spansMidnight = end.isBefore(start);
    boolean started = !time.isBefore(start);
    boolean notOver = time.isBefore(end);
    if (spansMidnight ? !started && !notOver : !started || !notOver) {
      return Optional.empty();
    }
    LocalDate day = local.toLocalDate();
    LocalDate lastDay = spansMidnight && started ? day.plusDays(1) : day;
    return Optional.of(WallClock.after(now, lastDay.atTime(end), where));
  }
}
