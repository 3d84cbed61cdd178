package dev.postrider.app;

import dev.postrider.platform.Violations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A {@link Pacing} as it is written in JSON. Of several rates the slowest counts. */
public record PacingDocument(
    @Nullable Integer perSecond,
    @Nullable Integer perMinute,
    @Nullable Integer perHour,
    @Nullable Integer jitterMilliseconds,
    @Nullable Integer perRecipientSeconds,
    @Nullable WarmUpDocument warmUp) {
  private static final int FASTEST = 1_000;
  private static final int MAX_JITTER = 600_000;
  private static final int DAY_SECONDS = 86_400;

  /** A warm-up as it is written in JSON. */
  public record WarmUpDocument(@Nullable Integer startPerDay, @Nullable Integer days) {}

  Pacing checked(Violations violations) {
    Duration second = rate("per_second", perSecond, Duration.ofSeconds(1), FASTEST, violations);
    Duration minute = rate("per_minute", perMinute, Duration.ofMinutes(1), 60_000, violations);
    Duration hour = rate("per_hour", perHour, Duration.ofHours(1), 3_600_000, violations);
    return new Pacing(
        longest(second, longest(minute, hour)),
        Duration.ofMillis(
            within("pacing.jitter_milliseconds", jitterMilliseconds, 0, MAX_JITTER, violations)),
        Duration.ofSeconds(
            within(
                "pacing.per_recipient_seconds", perRecipientSeconds, 0, DAY_SECONDS, violations)),
        warmUp(violations));
  }

  private Pacing.@Nullable WarmUp warmUp(Violations violations) {
    if (warmUp == null) {
      return null;
    }
    violations.require(
        perSecond != null || perMinute != null || perHour != null,
        "pacing.warm_up",
        "needs a rate to warm up to");
    return new Pacing.WarmUp(
        within("pacing.warm_up.start_per_day", warmUp.startPerDay(), 1, DAY_SECONDS, violations),
        within("pacing.warm_up.days", warmUp.days(), 1, 90, violations));
  }

  private static Duration rate(
      String name, @Nullable Integer number, Duration in, int most, Violations violations) {
    if (number == null) {
      return Duration.ZERO;
    }
    int checked = within("pacing." + name, number, 1, most, violations);
    return in.dividedBy(checked);
  }

  private static int within(
      String field, @Nullable Integer number, int least, int most, Violations violations) {
    int value = number == null ? least : number;
    boolean fine =
        violations.require(
            value >= least && value <= most, field, "must be from " + least + " to " + most);
    return fine ? value : least;
  }

  private static Duration longest(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
