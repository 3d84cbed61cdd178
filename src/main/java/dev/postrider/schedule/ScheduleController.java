package dev.postrider.schedule;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.message.MessageRequest;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.Json;
import dev.postrider.platform.Slice;
import dev.postrider.platform.idempotency.Idempotency;
import dev.postrider.platform.secret.Cursors;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Answers;
import dev.postrider.platform.web.Body;
import dev.postrider.platform.web.Creates;
import dev.postrider.platform.web.HeavyReads;
import dev.postrider.platform.web.JsonBody;
import dev.postrider.platform.web.LimitedList;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Messages that are sent again and again. */
@RestController
@RequestMapping("/api/schedules/{appId}")
@Tag(name = "Schedules")
class ScheduleController {
  private static final int NEXT_RUNS = 5;

  private final EditSchedules edit;
  private final ScheduleStore store;
  private final Apps apps;
  private final Idempotency idempotency;
  private final Cursors cursors;
  private final HeavyReads reads;
  private final InstantSource clock;

  ScheduleController(
      EditSchedules edit,
      ScheduleStore store,
      Apps apps,
      Idempotency idempotency,
      Cursors cursors,
      HeavyReads reads,
      InstantSource clock) {
    this.edit = edit;
    this.store = store;
    this.apps = apps;
    this.idempotency = idempotency;
    this.cursors = cursors;
    this.reads = reads;
    this.clock = clock;
  }

  /** A schedule as it is asked for. */
  record ScheduleRequest(
      @Nullable String scheduleName,
      @Schema(
              description =
                  "Minute, hour, day of month, month, day of week (where both days are given, both"
                      + " must fit); or @hourly, @daily, @weekly, @monthly, @yearly",
              example = "30 9 * * MON-FRI")
          @Nullable String cron,
      @Schema(description = "The IANA zone by whose clock it is read", example = "Europe/Berlin")
          @Nullable String timeZone,
      @Schema(
              implementation = MessageRequest.class,
              description =
                  "As in POST /api/messages/{appId}, without scheduled_for and expires_at")
          @Nullable JsonNode message,
      @Schema(description = "No date before it; RFC 3339 with offset") @Nullable String startsAt,
      @Schema(description = "No date at or after it; RFC 3339 with offset")
          @Nullable String endsAt) {}

  /**
   * A schedule as it is shown.
   *
   * @param nextRuns its next dates, one that waits first; none while it is paused, or when it is
   *     over
   * @param missed dates that were not sent: they came too late, or could not be
   * @param lastError why the newest date could not be sent, or waits; null when it could
   */
  record ScheduleView(
      long scheduleId,
      String scheduleName,
      String cron,
      String timeZone,
      @Schema(implementation = MessageRequest.class) Object message,
      @Nullable Instant startsAt,
      @Nullable Instant endsAt,
      @Nullable Instant pausedAt,
      List<Instant> nextRuns,
      long fired,
      long missed,
      @Nullable Instant lastFiredAt,
      @Nullable Long lastMessageId,
      @Nullable String lastError,
      Instant createdAt) {}

  private ScheduleView view(Schedule schedule) {
    return new ScheduleView(
        schedule.id(),
        schedule.name(),
        schedule.cron(),
        schedule.rule().zone().getId(),
        Json.raw(schedule.message()),
        schedule.startsAt(),
        schedule.endsAt(),
        schedule.pausedAt(),
        schedule.nextRuns(clock.instant(), NEXT_RUNS),
        schedule.fired(),
        schedule.missed(),
        schedule.lastFiredAt(),
        schedule.lastMessageId(),
        schedule.lastError(),
        schedule.createdAt());
  }

  @Access(Access.Who.APP)
  @PostMapping
  @Operation(
      summary = "Send a message again and again",
      description =
          "At most once for each date of the rule, by the clock of the zone: a time that the clock"
              + " skips comes at the first moment after the gap, one that it shows twice at the"
              + " first of the two. Dates that pass while the service is down are not made up for,"
              + " except the newest within the message's ttl_seconds.")
  @JsonBody(ScheduleRequest.class)
  @Creates(ScheduleView.class)
  void create(@PathVariable long appId, HttpServletRequest request, HttpServletResponse response) {
    AppId app = apps.requiredId(appId);
    byte[] body = Body.json(request, Body.SINGLE);
    Answers.send(
        response,
        idempotency.once(
            Answers.key(request, appId, body),
            () -> {
              ScheduleRequest wanted = Json.read(body, ScheduleRequest.class);
              Schedule made =
                  edit.add(
                      app,
                      new EditSchedules.Wanted(
                          wanted.scheduleName(),
                          wanted.cron(),
                          wanted.timeZone(),
                          wanted.message() == null ? null : Json.write(wanted.message()),
                          wanted.startsAt(),
                          wanted.endsAt()));
              return Answers.created(
                  "/api/schedules/" + app + "/" + made.id(),
                  Envelope.of("Schedule created successfully", view(made)));
            }));
  }

  @Access(Access.Who.APP)
  @GetMapping
  @Operation(summary = "List an application's schedules")
  Envelope<Envelope.Page<ScheduleView>> list(
      @PathVariable long appId,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    AppId app = apps.requiredId(appId);
    int size = LimitedList.limit(limit);
    String list = "schedules/" + appId;
    long after = cursors.decode(list, cursor, 0);
    Slice<Schedule> found = reads.page(appId, () -> store.list(app, after, size));
    return Envelope.of("Schedules", cursors.page(list, found, this::view, Schedule::id));
  }

  @Access(Access.Who.APP)
  @GetMapping("/{scheduleId}")
  @Operation(summary = "Show a schedule and its next dates")
  Envelope<ScheduleView> show(@PathVariable long appId, @PathVariable long scheduleId) {
    AppId app = apps.requiredId(appId);
    Schedule schedule =
        reads.one(appId, () -> edit.required(app, scheduleId), found -> found.message().length());
    return Envelope.of("Schedule", view(schedule));
  }

  @Access(Access.Who.APP)
  @PostMapping("/{scheduleId}/pause")
  @Operation(summary = "Pause a schedule", description = "Dates that pass meanwhile are skipped.")
  Envelope<ScheduleView> pause(
      @PathVariable long appId, @PathVariable long scheduleId, HttpServletRequest request) {
    Body.none(request);
    AppId app = apps.requiredId(appId);
    reads.keep(appId, store.shownBytes(app, scheduleId));
    return Envelope.of("Schedule paused", view(edit.pause(app, scheduleId)));
  }

  @Access(Access.Who.APP)
  @PostMapping("/{scheduleId}/resume")
  @Operation(summary = "Resume a paused schedule")
  Envelope<ScheduleView> resume(
      @PathVariable long appId, @PathVariable long scheduleId, HttpServletRequest request) {
    Body.none(request);
    AppId app = apps.requiredId(appId);
    reads.keep(appId, store.shownBytes(app, scheduleId));
    return Envelope.of("Schedule resumed", view(edit.resume(app, scheduleId)));
  }

  @Access(Access.Who.APP)
  @DeleteMapping("/{scheduleId}")
  @Operation(summary = "Delete a schedule", description = "What it has sent stays.")
  Envelope<Void> delete(@PathVariable long appId, @PathVariable long scheduleId) {
    edit.delete(apps.requiredId(appId), scheduleId);
    return Envelope.of("Schedule deleted", null);
  }
}
