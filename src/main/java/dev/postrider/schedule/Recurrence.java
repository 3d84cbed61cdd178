package dev.postrider.schedule;

import dev.postrider.platform.Cron;
import dev.postrider.platform.WallClock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A rule and the zone whose clock it is read by. Each of its dates comes once: one that the clock
 * skips at the first moment after the gap, with whatever else falls there; one that the clock shows
 * twice at the first of the two.
 */
record Recurrence(Cron cron, ZoneId zone) {
  /** More dates than this are not skipped in one gap: a day has 1,440 minutes. */
  private static final int MOST_SKIPPED = 3_000;

  /** The next moment after this one; empty when the rule has no more. */
  Optional<Instant> after(Instant moment) {
    LocalDateTime local = LocalDateTime.ofInstant(moment, zone);
    for (int i = 0; i < MOST_SKIPPED; i++) {
      Optional<LocalDateTime> date = cron.after(local);
      if (date.isEmpty()) {
        return Optional.empty();
      }
      Instant at = WallClock.at(date.get(), zone);
      if (at.isAfter(moment)) {
        return Optional.of(at);
      }
      local = date.get();
    }
    return Optional.empty();
  }

  /** The next few moments after this one. */
  List<Instant> after(Instant moment, int most) {
    List<Instant> moments = new ArrayList<>();
    Optional<Instant> next = after(moment);
    while (next.isPresent() && moments.size() < most) {
      moments.add(next.get());
      next = after(next.get());
    }
    return moments;
  }
}
