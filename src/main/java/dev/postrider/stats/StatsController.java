package dev.postrider.stats;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Timestamp;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.HeavyReads;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Delivery statistics over time. */
@RestController
@RequestMapping("/api/metrics/{appId}")
@Tag(name = "Metrics")
class StatsController {
  private static final Duration DEFAULT = Duration.ofDays(7);
  private static final Duration LONGEST = Duration.ofDays(92);

  /** Some thirty counts an hour and sender: a report has no page to stop at. */
  private static final Duration LONGEST_BY_HOUR = Duration.ofDays(31);

  /** As many as an application may have at once; it may have deleted any number before. */
  private static final int NAMED = 1000;

  /** How large a report is, in characters, with so many senders by name. */
  private static final int ABOUT = 512 * 1024;

  private final StatsStore store;
  private final HeavyReads reads;
  private final Apps apps;
  private final InstantSource clock;

  StatsController(StatsStore store, HeavyReads reads, Apps apps, InstantSource clock) {
    this.reads = reads;
    this.store = store;
    this.apps = apps;
    this.clock = clock;
  }

  @Access(Access.Who.APP)
  @GetMapping
  @Operation(
      summary = "Delivery statistics",
      description =
          "Counts and latency percentiles, in all, by provider, by sender, and by hour or day (UTC)."
              + " Deleted senders count, too; by name, the newest of them up to a thousand senders in"
              + " all.")
  Envelope<DeliveryReport> report(
      @PathVariable long appId,
      @RequestParam(defaultValue = "hour") String by,
      @RequestParam(required = false) @Nullable String from,
      @RequestParam(required = false) @Nullable String to) {
    AppId app = apps.requiredId(appId);
    if (!by.equals("hour") && !by.equals("day")) {
      throw ProblemException.invalid("by", "must be hour or day");
    }
    Instant end = to == null ? nextHour() : hourAfter(time("to", to));
    Instant start =
        from == null ? end.minus(DEFAULT) : time("from", from).truncatedTo(ChronoUnit.HOURS);
    Duration longest = by.equals("hour") ? LONGEST_BY_HOUR : LONGEST;
    if (!start.isBefore(end) || Duration.between(start, end).compareTo(longest) > 0) {
      throw ProblemException.invalid(
          "from", "must lie before to, by at most " + longest.toDays() + " days");
    }
    return Envelope.of(
        "Delivery statistics",
        reads.one(app.value(), () -> report(app, by, start, end), _ -> ABOUT));
  }

  private DeliveryReport report(AppId app, String by, Instant start, Instant end) {
    Map<Long, String> named = apps.newestSenders(app, NAMED);
    List<StatsStore.Count> counts = store.read(app, by, start, end, named.keySet());
    return DeliveryReport.of(start, end, by, counts, named);
  }

  private Instant nextHour() {
    return clock.instant().truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS);
  }

  /** The hour in which a time lies counts as a whole. */
  private static Instant hourAfter(Instant time) {
    Instant hour = time.truncatedTo(ChronoUnit.HOURS);
    return hour.equals(time) ? hour : hour.plus(1, ChronoUnit.HOURS);
  }

  private static Instant time(String name, String text) {
    return Timestamp.required(name, text);
  }
}
