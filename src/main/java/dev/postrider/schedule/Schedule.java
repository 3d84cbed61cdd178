package dev.postrider.schedule;

import dev.postrider.app.AppId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message that is sent again and again.
 *
 * @param cron the rule, as it was written
 * @param message the message in JSON, as it was asked for
 * @param nextAt the next date of the rule; null when there is none
 * @param missed dates that came too late to be of use: the service was down
 * @param lastError why the newest date could not be sent, or waits; null when it could
 */
record Schedule(
    long id,
    AppId app,
    String name,
    String cron,
    Recurrence rule,
    String message,
    @Nullable Instant startsAt,
    @Nullable Instant endsAt,
    @Nullable Instant pausedAt,
    @Nullable Instant nextAt,
    long fired,
    long missed,
    @Nullable Instant lastFiredAt,
    @Nullable Long lastMessageId,
    @Nullable String lastError,
    Instant createdAt) {
  /** A rule of every minute has as many in seventy days. */
  private static final int MOST_COUNTED = 100_000;

  /** The first date after this moment, within its bounds. */
  Optional<Instant> after(Instant moment) {
    return dates(moment, 1).stream().findFirst();
  }

  /**
   * What has come since a date.
   *
   * @param newest the newest date that has come
   * @param older how many came before it, the first included
   */
  record Come(Instant newest, long older) {}

  /** What has come from this date on, until this moment. */
  Come come(Instant first, Instant until) {
    Instant newest = first;
    long older = 0;
    Optional<Instant> date = after(first);
    while (date.isPresent() && !date.get().isAfter(until) && older < MOST_COUNTED) {
      newest = date.get();
      older++;
      date = after(newest);
    }
    return new Come(newest, older);
  }

  /** Its next few sends; one that is overdue is the first of them. None while it is paused. */
  List<Instant> nextRuns(Instant now, int most) {
    if (pausedAt != null || nextAt == null) {
      return List.of();
    }
    List<Instant> runs = new ArrayList<>(dates(now, most));
    if (!nextAt.isAfter(now)) {
      runs.addFirst(nextAt);
    }
    return runs.stream().limit(most).toList();
  }

  /** The next few dates after this moment, within its bounds. */
  List<Instant> dates(Instant moment, int most) {
    // A start is itself a date if the rule says so.
    Instant from = startsAt != null && startsAt.isAfter(moment) ? startsAt.minusNanos(1) : moment;
    return rule.after(from, most).stream()
        .takeWhile(date -> endsAt == null || date.isBefore(endsAt))
        .toList();
  }
}
