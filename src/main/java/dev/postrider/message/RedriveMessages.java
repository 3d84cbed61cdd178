package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.app.AppLimits;
import dev.postrider.app.Apps;
import dev.postrider.platform.Correlation;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Slice;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.SizedPage;
import dev.postrider.platform.database.Transactions;
import dev.postrider.platform.web.HeavyReads;
import dev.postrider.queue.Chores;
import dev.postrider.queue.Finish;
import dev.postrider.queue.Job;
import dev.postrider.queue.JobHandler;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.NewJob;
import dev.postrider.queue.Priority;
import dev.postrider.ratelimit.Taken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends dead letters again, some at a time: the new messages and the step forward are committed
 * together, so that each is redriven once, whatever dies. A job of the queue, behind everything
 * else that is due.
 */
@Wired
public class RedriveMessages implements JobHandler<Redrive> {
  private static final Logger log = LoggerFactory.getLogger(RedriveMessages.class);
  private static final String KIND = "redrive";
  private static final int CHUNK = 200;
  private static final Duration NEXT_STEP = Duration.ofMillis(1);
  private static final Duration NO_ROOM = Duration.ofSeconds(1);
  private static final Duration LIMITED = Duration.ofMinutes(1);

  private final DeadLetterStore store;
  private final Apps apps;
  private final AppLimits limits;
  private final ContentRoom room;
  private final ComposeMessage compose;
  private final CommitMessages commit;
  private final JobQueue queue;
  private final Chores chores;
  private final Transactions transactions;
  private final HeavyReads reads;

  public RedriveMessages(
      DeadLetterStore store,
      Apps apps,
      AppLimits limits,
      ContentRoom room,
      ComposeMessage compose,
      CommitMessages commit,
      JobQueue queue,
      Chores chores,
      Transactions transactions,
      HeavyReads reads) {
    this.store = store;
    this.apps = apps;
    this.limits = limits;
    this.room = room;
    this.compose = compose;
    this.commit = commit;
    this.queue = queue;
    this.chores = chores;
    this.transactions = transactions;
    this.reads = reads;
  }

  /** What is dead now. */
  DeadLetterStore.Extent extent(AppId app, DeadFilter.Document filter) {
    return reads.run(app.value(), () -> store.extent(app, filter.checked()));
  }

  /** Inside a transaction: orders what was dead to be sent again. */
  Redrive order(
      AppId app, DeadFilter.Document filter, DeadLetterStore.Extent extent, String correlationId) {
    Redrive redrive = store.insert(app, filter, extent, correlationId);
    queue.enqueue(
        List.of(
            // No sender's lane: those are positive. One at a time of an application: two that mean
            // the same messages would both send them.
            new NewJob(
                KIND,
                redrive.id(),
                app.value(),
                -app.value(),
                Priority.LOW,
                app.value(),
                null,
                null)),
        Duration.ZERO);
    return redrive;
  }

  Redrive cancel(AppId app, long id) {
    return transactions.call(() -> {
      Redrive redrive = required(app, id);
      // Its job first, as in a step, so that no two wait for each other.
      queue.remove(KIND, List.of(redrive.id()));
      store.cancel(app, redrive.id());
      return required(app, id);
    });
  }

  Redrive required(AppId app, long id) {
    return store.find(app, id).orElseThrow(() -> ProblemException.notFound("redrive"));
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
  public List<Work<Redrive>> claimed(List<Job> jobs) {
    Map<Long, Job> byId = jobs.stream().collect(Collectors.toMap(Job::id, Function.identity()));
    return store.running(byId.keySet()).stream()
        .flatMap(redrive ->
            Optional.ofNullable(byId.get(redrive.id())).stream()
                .map(job -> new Work<>(job, redrive)))
        .toList();
  }

  @Override
  public void run(Work<Redrive> work) {
    chores.run(work.job(), () -> step(work.job(), work.payload()));
  }

  private void step(Job job, Redrive redrive) {
    Apps.Profile profile = apps.profile(redrive.app()).orElse(null);
    if (profile == null) {
      end(job, redrive);
      return;
    }
    room.ifThereIs(
        redrive.app(),
        SizedPage.MOST_BYTES,
        () -> {
          sendAgain(job, redrive, profile, AppLimits.mostAtOnce(profile, CHUNK));
          return true;
        },
        () -> {
          back(job, NO_ROOM);
          return false;
        });
  }

  private void sendAgain(Job job, Redrive redrive, Apps.Profile profile, int most) {
    Slice<StoredMessage> dead = store.next(redrive, most);
    List<Message> again = composed(dead.items(), new Correlation(redrive.correlationId(), null));
    Taken taken = limits.messages(profile, again.size());
    if (!taken.granted()) {
      int left = (int) Math.min(taken.remaining(), again.size() - 1L);
      if (left > 0) {
        sendAgain(job, redrive, profile, left);
      } else {
        // No longer than a moment: limits may be raised meanwhile.
        back(job, taken.retryAfter().compareTo(LIMITED) < 0 ? taken.retryAfter() : LIMITED);
      }
      return;
    }
    int sent = 0;
    try {
      sent = transactions.call(() -> commitStep(job, redrive, dead, again));
    } catch (RuntimeException e) {
      // What may have been stored counts.
      sent = AcceptMessages.mayHaveStored(e) ? again.size() : 0;
      throw e;
    } finally {
      limits.giveBack(profile, again.size() - sent);
    }
  }

  private List<Message> composed(List<StoredMessage> dead, Correlation correlation) {
    List<Message> again = new ArrayList<>();
    for (StoredMessage message : dead) {
      try {
        again.add(compose.again(message, correlation));
      } catch (ProblemException e) {
        // It stays a dead letter, and may go another time.
        log.atDebug().addKeyValue("message_id", message.message().id()).log("redrive.skipped");
      }
    }
    return again;
  }

  /** Returns how many are sent again. */
  private int commitStep(
      Job job, Redrive redrive, Slice<StoredMessage> dead, List<Message> composed) {
    boolean done = !dead.more();
    Finish finish = done ? new Finish.Done(job) : new Finish.Back(job, NEXT_STEP, false);
    boolean ours = !queue.finish(List.of(finish)).isEmpty();
    Set<Long> still =
        store.stillDead(redrive.app(), dead.items().stream().map(it -> it.message().id()).toList());
    List<Message> again = composed.stream().filter(it -> still.contains(it.retryOf())).toList();
    long progress = done ? redrive.upto() : dead.items().getLast().message().id();
    int skipped = dead.items().size() - again.size();
    if (!ours || !store.step(redrive, progress, again.size(), skipped, done)) {
      throw new IllegalStateException("somebody else has moved this redrive on");
    }
    commit.within(again);
    return again.size();
  }

  private void back(Job job, Duration wait) {
    transactions.run(() -> queue.finish(List.of(new Finish.Back(job, wait, false))));
  }

  /** Its application was deleted. */
  private void end(Job job, Redrive redrive) {
    transactions.run(() -> {
      queue.finish(List.of(new Finish.Done(job)));
      store.cancel(redrive.app(), redrive.id());
    });
  }

  @Override
  public void released(List<Job> jobs) {}

  @Override
  public void rescued(List<JobQueue.Expired> jobs) {}
}
