package dev.postrider.schedule;

import dev.postrider.message.ContentRoom;
import dev.postrider.message.Message;
import dev.postrider.message.SendStored;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Text;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.Chores;
import dev.postrider.queue.Finish;
import dev.postrider.queue.Job;
import dev.postrider.queue.JobHandler;
import dev.postrider.queue.JobQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Sends a schedule's message when a date of its rule has come. The message, the step to the next
 * date and the job's next time are committed together, so that each date is sent at most once,
 * whatever dies.
 */
@Wired
public class FireSchedules implements JobHandler<ScheduleStore.Due> {
  static final String KIND = "schedule";

  /** How soon a date is looked at again for which there was no room, or whose schedule is gone. */
  private static final Duration SOON = Duration.ofSeconds(1);

  private final ScheduleStore store;
  private final SendStored send;
  private final ContentRoom room;
  private final JobQueue queue;
  private final Chores chores;
  private final Transactions transactions;

  public FireSchedules(
      ScheduleStore store,
      SendStored send,
      ContentRoom room,
      JobQueue queue,
      Chores chores,
      Transactions transactions) {
    this.store = store;
    this.send = send;
    this.room = room;
    this.queue = queue;
    this.chores = chores;
    this.transactions = transactions;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public boolean mayTakeLong() {
    return false;
  }

  @Override
  public List<Work<ScheduleStore.Due>> claimed(List<Job> jobs) {
    Map<Long, Job> byId = jobs.stream().collect(Collectors.toMap(Job::id, Function.identity()));
    return store.running(byId.keySet()).stream()
        .flatMap(due ->
            Optional.ofNullable(byId.get(due.id())).stream().map(job -> new Work<>(job, due)))
        .toList();
  }

  @Override
  public void run(Work<ScheduleStore.Due> work) {
    chores.run(work.job(), () -> fire(work.job(), work.payload()));
  }

  private void fire(Job job, ScheduleStore.Due due) {
    boolean fired =
        room.ifThereIs(
            due.app(),
            due.bytes(),
            () -> {
              Schedule schedule = store.find(due.app(), due.id()).orElse(null);
              Instant date = schedule == null ? null : schedule.nextAt();
              if (schedule == null || date == null || schedule.pausedAt() != null) {
                return false; // somebody was faster, and has removed its job
              }
              fire(job, schedule, date);
              return true;
            },
            () -> false);
    if (!fired) {
      transactions.run(() -> queue.finish(List.of(new Finish.Back(job, SOON, false))));
    }
  }

  private void fire(Job job, Schedule schedule, Instant date) {
    Instant now = job.databaseNow(System.nanoTime());
    // Dates that passed while nobody was there are not made up for one by one: only the newest.
    Schedule.Come come = schedule.come(date, now);
    // With its application, it has come to its end.
    Optional<Instant> next =
        send.appExists(schedule.app()) ? schedule.after(come.newest()) : Optional.empty();
    Outcome outcome = outcome(schedule, come.newest(), now);
    try {
      transactions.run(() -> step(job, schedule, date, come, outcome, next.orElse(null)));
    } catch (RuntimeException e) {
      if (outcome.message() != null && !SendStored.mayHaveStored(e)) {
        send.giveOneBack(schedule.app());
      }
      throw e;
    }
  }

  private void step(
      Job job,
      Schedule schedule,
      Instant date,
      Schedule.Come come,
      Outcome outcome,
      @Nullable Instant next) {
    boolean ours = !queue.finish(List.of(new Finish.Back(job, Duration.ZERO, false))).isEmpty();
    ScheduleStore.Step step =
        new ScheduleStore.Step(
            come.newest(),
            outcome.messageId(),
            outcome.error(),
            come.older() + (outcome.message() == null ? 1 : 0),
            next);
    if (!ours || !store.step(schedule, date, step)) {
      throw new IllegalStateException("somebody else has moved this schedule on");
    }
    if (next == null) {
      queue.remove(KIND, List.of(job.id()));
    } else {
      queue.reschedule(KIND, job.id(), next);
    }
    if (outcome.message() != null) {
      send.store(outcome.message());
    }
  }

  /** A message to store, or why there is none. */
  private record Outcome(@Nullable Message message, @Nullable String error) {
    @Nullable Long messageId() {
      return message == null ? null : message.id();
    }
  }

  private Outcome outcome(Schedule schedule, Instant date, Instant now) {
    Duration late = now.isAfter(date) ? Duration.between(date, now) : Duration.ZERO;
    try {
      Message message =
          send.compose(
                  schedule.app(),
                  schedule.message(),
                  late,
                  "schedule:" + schedule.id() + ":" + date)
              .orElse(null);
      if (message == null) {
        return new Outcome(
            null, "its date came " + late.toSeconds() + " s late, after ttl_seconds");
      }
      send.takeOne(schedule.app());
      return new Outcome(message, null);
    } catch (ProblemException e) {
      if (e.problem() == Problem.UNAVAILABLE) {
        store.setError(schedule, told(e));
        throw e; // its date is not over
      }
      // What was a message when it was stored is none any more: its sender was deleted, say. Or its
      // application has sent what it may.
      return new Outcome(null, told(e));
    }
  }

  private static String told(ProblemException e) {
    return Text.cleaned(e.detail() + " " + e.errors(), 300);
  }

  @Override
  public void released(List<Job> jobs) {}

  @Override
  public void rescued(List<JobQueue.Expired> jobs) {}
}
