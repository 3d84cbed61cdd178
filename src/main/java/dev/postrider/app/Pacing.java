package dev.postrider.app;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How fast a sender sends: evenly, whatever waits. It delays and never refuses.
 *
 * @param interval from one message to the next
 * @param jitter up to so much is added to each interval, at random
 * @param perRecipient from one message to the next one to the same recipient
 * @param warmUp slower still while the sender is new
 */
public record Pacing(
    Duration interval, Duration jitter, Duration perRecipient, @Nullable WarmUp warmUp) {

  /**
   * A new sender's first days: its daily number grows from the first day's, by the same factor each
   * day, until the interval alone counts.
   *
   * @param startPerDay messages on the first day
   * @param days after so many days the sender is warm
   */
  public record WarmUp(int startPerDay, int days) {}

  private static final Duration DAY = Duration.ofDays(1);

  /** The interval at this moment, for a sender that was set up then. */
  public Duration intervalAt(Instant now, Instant since) {
    if (warmUp == null) {
      return interval;
    }
    long day = Math.max(0, Duration.between(since, now).toDays());
    if (day >= warmUp.days()) {
      return interval;
    }
    double full = Math.max(1.0, (double) DAY.toMillis() / Math.max(1, interval.toMillis()));
    double start = Math.min(warmUp.startPerDay(), full);
    double allowed = start * Math.pow(full / start, (double) day / warmUp.days());
    Duration slow = Duration.ofMillis((long) (DAY.toMillis() / allowed));
    return slow.compareTo(interval) > 0 ? slow : interval;
  }

  /** Whether messages must keep a distance from one another at all. */
  public boolean isPaced() {
    return interval.isPositive() || jitter.isPositive() || warmUp != null;
  }
}
