package dev.postrider.app;

import dev.postrider.platform.Violations;
import dev.postrider.ratelimit.Rate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An application's limits as they are written in JSON.
 *
 * @param requests of the application's keys, all routes together
 * @param messages accepted, in batches and alone alike
 * @param messagesPerDay accepted from midnight to midnight UTC
 */
public record LimitsDocument(
    @Nullable List<@Nullable RateDocument> requests,
    @Nullable List<@Nullable RateDocument> messages,
    @Nullable Long messagesPerDay) {
  private static final long MOST = 1_000_000_000;
  private static final long DAY_SECONDS = 86_400;
  private static final int MOST_WINDOWS = 5;

  /** So many at once, and as many again in each window. */
  public record RateDocument(@Nullable Long limit, @Nullable Long windowSeconds) {}

  List<Rate> requestRates(Violations violations) {
    return rates("requests", requests, violations);
  }

  List<Rate> messageRates(Violations violations) {
    List<Rate> rates = new ArrayList<>(rates("messages", messages, violations));
    if (messagesPerDay != null
        && violations.require(
            messagesPerDay >= 1 && messagesPerDay <= MOST,
            "limits.messages_per_day",
            "must be from 1 to " + MOST)) {
      rates.add(new Rate("messages-day", messagesPerDay, Duration.ofDays(1), true));
    }
    return rates;
  }

  private static List<Rate> rates(
      String what, @Nullable List<@Nullable RateDocument> documents, Violations violations) {
    String field = "limits." + what;
    List<Rate> rates = new ArrayList<>();
    Set<Long> windows = new HashSet<>();
    List<@Nullable RateDocument> all = documents == null ? List.of() : documents;
    violations.require(
        all.size() <= MOST_WINDOWS, field, "may have at most " + MOST_WINDOWS + " windows");
    for (RateDocument document : all) {
      if (document == null || document.limit() == null || document.windowSeconds() == null) {
        violations.add(field, "must be a list of limit and window_seconds");
        continue;
      }
      long limit = document.limit();
      long seconds = document.windowSeconds();
      int before = violations.errors().size();
      violations.require(
          limit >= 1 && limit <= MOST, field + ".limit", "must be from 1 to " + MOST);
      violations.require(
          seconds >= 1 && seconds <= DAY_SECONDS,
          field + ".window_seconds",
          "must be from 1 to " + DAY_SECONDS);
      violations.require(
          windows.add(seconds), field + ".window_seconds", "must differ from one another");
      if (violations.errors().size() == before) {
        rates.add(new Rate(what + "-" + seconds, limit, Duration.ofSeconds(seconds), false));
      }
    }
    return rates;
  }
}
