package dev.postrider.platform;

import java.time.LocalDateTime;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.scheduling.support.CronExpression;

/**
 * A rule for wall-clock times: minute, hour, day of the month, month, day of the week; or one of
 * {@code @hourly, @daily, @weekly, @monthly, @yearly}. Where both days are given, both must fit.
 */
public final class Cron {
  private static final Pattern FIVE_FIELDS = Pattern.compile("\\S+( \\S+){4}");
  private static final Pattern MACRO = Pattern.compile("@(hourly|daily|weekly|monthly|yearly)");

  /** A sixth Monday, or more days before a month's last than each has: read, and never meant. */
  private static final Pattern BEYOND_A_MONTH =
      Pattern.compile("(?i)#(?![1-5]\\b)|(?<![A-Z])L-(?!([1-9]|1\\d|2[0-7])\\b)");

  /** PostgreSQL and RFC 3339 write no later one. */
  private static final int LAST_YEAR = 9998;

  private final CronExpression expression;

  private Cron(CronExpression expression) {
    this.expression = expression;
  }

  /** Empty when it is not such a rule. */
  public static Optional<Cron> parse(String text) {
    return BEYOND_A_MONTH.matcher(text).find() ? Optional.empty() : stored(text);
  }

  /** One that was a rule when it was stored. */
  public static Optional<Cron> stored(String text) {
    String plain = text.strip().replaceAll("\\s+", " ");
    boolean macro = MACRO.matcher(plain).matches();
    if (!macro && !FIVE_FIELDS.matcher(plain).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Cron(CronExpression.parse(macro ? plain : "0 " + plain)));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** The next time after this one; empty when there is none, as for the 30th of February. */
  public Optional<LocalDateTime> after(LocalDateTime time) {
    return Optional.ofNullable(expression.next(time))
        .filter(next -> next.isAfter(time) && next.getYear() <= LAST_YEAR);
  }
}
