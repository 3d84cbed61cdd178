package dev.postrider.schedule;

import dev.postrider.app.AppId;
import dev.postrider.message.SendStored;
import dev.postrider.platform.Cron;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Quota;
import dev.postrider.platform.Violations;
import dev.postrider.platform.WallClock;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.NewJob;
import dev.postrider.queue.Priority;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes, pauses, resumes and deletes schedules; each has one job, at its next date. */
@Wired
public class EditSchedules {
  private static final int MOST = 1000;

  /** Each of its parts is asked for each date that is looked at. */
  private static final int MAX_CRON = 200;

  private static final int MAX_NAME = 100;
  private static final Duration FARTHEST = Duration.ofDays(3_660);

  private final ScheduleStore store;
  private final SendStored send;
  private final JobQueue queue;
  private final Transactions transactions;
  private final InstantSource clock;

  public EditSchedules(
      ScheduleStore store,
      SendStored send,
      JobQueue queue,
      Transactions transactions,
      InstantSource clock) {
    this.store = store;
    this.send = send;
    this.queue = queue;
    this.transactions = transactions;
    this.clock = clock;
  }

  /** A schedule as it is asked for; null is what the caller did not say. */
  record Wanted(
      @Nullable String name,
      @Nullable String cron,
      @Nullable String timeZone,
      @Nullable String message,
      @Nullable String startsAt,
      @Nullable String endsAt) {}

  Schedule add(AppId app, Wanted wanted) {
    ScheduleStore.Draft draft = checked(app, wanted);
    Quota.check(store.count(app), MOST, "schedules");
    return transactions.call(() -> {
      Schedule schedule = store.insert(app, draft);
      goOn(schedule);
      return store.find(app, schedule.id()).orElseThrow();
    });
  }

  Schedule pause(AppId app, long id) {
    return transactions.call(() -> {
      // Its job first, as when it is fired, so that no two wait for each other. One that is being
      // fired now finds itself paused, and is not fired.
      Schedule schedule = required(app, id);
      queue.remove(FireSchedules.KIND, List.of(schedule.id()));
      toChange(app, id);
      store.setPaused(id, true);
      return required(app, id);
    });
  }

  /** Dates that passed meanwhile are over. */
  Schedule resume(AppId app, long id) {
    return transactions.call(() -> {
      Schedule schedule = toChange(app, id);
      if (schedule.pausedAt() != null) {
        // One that an earlier resume made between a later pause's two steps.
        queue.remove(FireSchedules.KIND, List.of(id));
        store.setPaused(id, false);
        goOn(schedule);
      }
      return required(app, id);
    });
  }

  void delete(AppId app, long id) {
    transactions.run(() -> {
      queue.remove(FireSchedules.KIND, List.of(required(app, id).id()));
      if (!store.delete(app, id)) {
        throw ProblemException.notFound("schedule");
      }
    });
  }

  Schedule required(AppId app, long id) {
    return store.find(app, id).orElseThrow(() -> ProblemException.notFound("schedule"));
  }

  private Schedule toChange(AppId app, long id) {
    return store.findToChange(app, id).orElseThrow(() -> ProblemException.notFound("schedule"));
  }

  private void goOn(Schedule schedule) {
    Instant now = clock.instant();
    Instant last = schedule.lastFiredAt();
    Optional<Instant> next = schedule.after(last != null && last.isAfter(now) ? last : now);
    store.setNext(schedule.id(), next.orElse(null));
    next.ifPresent(at ->
        queue.enqueue(
            List.of(
                new NewJob(
                    FireSchedules.KIND,
                    schedule.id(),
                    schedule.app().value(),
                    // No sender's lane: those are positive.
                    -schedule.app().value(),
                    Priority.NORMAL,
                    0,
                    at,
                    null)),
            Duration.ZERO));
  }

  private ScheduleStore.Draft checked(AppId app, Wanted wanted) {
    Violations violations = new Violations();
    String name = wanted.name() == null ? "" : wanted.name().strip();
    violations.line("schedule_name", name, MAX_NAME);
    violations.require(!name.isEmpty(), "schedule_name", "is required");
    String rule = wanted.cron() == null ? "" : wanted.cron().strip();
    boolean tooLong = rule.length() > MAX_CRON;
    violations.require(!tooLong, "cron", "must have at most " + MAX_CRON + " characters");
    Cron cron = tooLong ? null : Cron.parse(rule).orElse(null);
    violations.require(
        cron != null || tooLong,
        "cron",
        "must be minute, hour, day of month, month, day of week, such as 30 9 * * MON-FRI; or"
            + " @daily and the like");
    ZoneId zone = WallClock.zone(wanted.timeZone() == null ? "" : wanted.timeZone()).orElse(null);
    violations.require(
        zone != null, "time_zone", "must be an IANA zone, such as America/Sao_Paulo");
    Instant startsAt = time("starts_at", wanted.startsAt(), violations);
    Instant endsAt = time("ends_at", wanted.endsAt(), violations);
    violations.require(
        startsAt == null || endsAt == null || startsAt.isBefore(endsAt),
        "ends_at",
        "must lie after starts_at");
    checkMessage(app, wanted.message(), violations);
    if (cron != null && zone != null) {
      violations.require(
          new Recurrence(cron, zone).after(clock.instant()).isPresent(),
          "cron",
          "has no date to come");
    }
    violations.throwIfAny();
    if (cron == null || zone == null || wanted.message() == null) {
      throw new IllegalStateException("a schedule without a violation has all of it");
    }
    return new ScheduleStore.Draft(name, rule, zone, wanted.message(), startsAt, endsAt);
  }

  private void checkMessage(AppId app, @Nullable String message, Violations violations) {
    if (!violations.require(message != null, "message", "is required") || message == null) {
      return;
    }
    try {
      send.check(app, message);
    } catch (ProblemException e) {
      if (e.problem() == Problem.UNAVAILABLE) {
        throw e;
      }
      for (FieldError error : e.errors()) {
        violations.add("message." + error.field(), error.detail());
      }
      violations.require(!e.errors().isEmpty(), "message", e.detail());
    }
  }

  private @Nullable Instant time(String field, @Nullable String text, Violations violations) {
    if (text == null) {
      return null;
    }
    Instant now = clock.instant();
    try {
      Instant at = OffsetDateTime.parse(text).toInstant();
      violations.require(
          at.isAfter(now.minus(FARTHEST)) && at.isBefore(now.plus(FARTHEST)),
          field,
          "must lie within ten years");
      return at;
    } catch (DateTimeException | ArithmeticException _) {
      violations.add(field, "must be a time with offset, such as 2026-12-24T18:00:00+01:00");
      return null;
    }
  }
}
