package dev.postrider.schedule;

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
public class FireSchedules implements JobHandler<Schedule> {
  static final String KIND = "schedule";

  private final ScheduleStore store;
  private final SendStored send;
  private final JobQueue queue;
  private final Chores chores;
  private final Transactions transactions;

  public FireSchedules(
      ScheduleStore store,
      SendStored send,
      JobQueue queue,
      Chores chores,
      Transactions transactions) {
    this.store = store;
    this.send = send;
    this.queue = queue;
    this.chores = chores;
    this.transactions = transactions;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public List<Work<Schedule>> claimed(List<Job> jobs) {
    Map<Long, Job> byId = jobs.stream().collect(Collectors.toMap(Job::id, Function.identity()));
    return store.running(byId.keySet()).stream()
        .flatMap(schedule ->
            Optional.ofNullable(byId.get(schedule.id())).stream()
                .map(job -> new Work<>(job, schedule)))
        .toList();
  }

  @Override
  public void run(Work<Schedule> work) {
    chores.run(work.job(), () -> fire(work.job(), work.payload()));
  }

  private void fire(Job job, Schedule schedule) {
    Instant date = schedule.nextAt();
    if (date == null) {
      throw new IllegalStateException("a running schedule has a next date");
    }
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
      if (outcome.message() != null) {
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
        throw e; // its date is not over
      }
      // What was a message when it was stored is none any more: its sender was deleted, say. Or its
      // application has sent what it may.
      return new Outcome(null, Text.cleaned(e.detail() + " " + e.errors(), 300));
    }
  }

  @Override
  public void released(List<Job> jobs) {}

  @Override
  public void rescued(List<JobQueue.Expired> jobs) {}
}
