package dev.postrider.queue;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Text;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims due jobs and hands them to the dispatcher: what was scheduled, what is retried, what
 * another node left behind, and what did not fit into the accepting node's memory.
 */
@Wired
public class WorkLoop implements Loop {
  private static final Logger log = LoggerFactory.getLogger(WorkLoop.class);
  private static final int BATCH = 128;
  private static final int PER_LANE = 32;
  private static final long BREATH_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final Duration BROKEN_RESTS = Duration.ofSeconds(5);

  private final JobQueue queue;
  private final Dispatcher dispatcher;
  private final Transactions transactions;
  private final QueueSettings settings;
  private final QueueMetrics metrics;
  private final List<JobHandler<?>> handlers;

  /**
   * A round over the lanes of a kind, some at a time, so that every lane has its turn.
   *
   * @param cursor the lane after which it goes on
   * @param found whether there was work in it so far
   * @param full whether lanes were passed over that have work left, and enough in hand
   */
  private record Round(long cursor, boolean found, boolean full) {
    static final Round FIRST = new Round(Long.MIN_VALUE, false, false);
  }

  private int turn;

  /** Until when nobody looks at a kind: there was nothing in it, while others are busy. */
  private final Map<String, Long> restsUntil = new HashMap<>();

  private final Map<String, Round> rounds = new HashMap<>();

  public WorkLoop(
      JobQueue queue,
      Dispatcher dispatcher,
      Transactions transactions,
      QueueSettings settings,
      QueueMetrics metrics,
      List<JobHandler<?>> handlers) {
    this.metrics = metrics;
    this.queue = queue;
    this.dispatcher = dispatcher;
    this.transactions = transactions;
    this.settings = settings;
    this.handlers = handlers;
  }

  @Override
  public Duration every() {
    return settings.poll();
  }

  /**
   * Rests only after a whole round in which nothing was found. What breaks for one kind, a row that
   * this version cannot read, say, stops no other; a database that is away does.
   */
  @Override
  public int runOnce() {
    dispatcher.sendBackLate();
    int claimed = 0;
    for (JobHandler<?> handler : handlers) {
      if (isAwake(handler)) {
        claimed += claimOrRest(handler);
      }
    }
    if (claimed == 0) {
      // The whole loop rests now.
      restsUntil.values().removeIf(until -> until - System.nanoTime() <= settings.poll().toNanos());
    }
    return claimed;
  }

  private int claimOrRest(JobHandler<?> handler) {
    try {
      int found = claimFor(handler);
      if (found == 0) {
        rest(handler, settings.poll());
      }
      return found;
    } catch (RuntimeException e) {
      if (Transactions.isDatabaseTrouble(e)) {
        throw e;
      }
      log.atWarn()
          .addKeyValue("kind", handler.kind())
          .addKeyValue("cause", Text.cleaned(String.valueOf(e), 300))
          .log("queue.claim_failed");
      rest(handler, BROKEN_RESTS);
      return 0;
    }
  }

  private boolean isAwake(JobHandler<?> handler) {
    Long until = restsUntil.get(handler.kind());
    return until == null || until - System.nanoTime() <= 0;
  }

  private void rest(JobHandler<?> handler, Duration time) {
    restsUntil.put(handler.kind(), System.nanoTime() + time.toNanos());
  }

  private <W> int claimFor(JobHandler<W> handler) {
    int room = Math.min(BATCH, dispatcher.awaitRoom(BATCH / 4, settings.poll()));
    if (room == 0) {
      return 0;
    }
    Round round = rounds.getOrDefault(handler.kind(), Round.FIRST);
    // Asked outside the transaction: where it is not remembered, it takes a connection of its own.
    Narrows narrow = dispatcher.narrows(handler.heldLanes(), handler.mayTakeLong());
    Map<Long, Pace> paces = handler.paces();
    long start = System.nanoTime();
    Claim<W> claim = claim(handler, room, round.cursor(), narrow, paces);
    claim
        .works()
        .forEach(work ->
            dispatcher.startClaimed(
                handler, work, claim.waits().getOrDefault(work.job().id(), Duration.ZERO)));
    if (claim.jobs() > 0) {
      metrics.claimed(handler.kind(), System.nanoTime() - start);
    }
    // Behind those that were moved there may be work.
    boolean found = round.found() || claim.jobs() > 0 || claim.moved();
    boolean lanesAreFull = claim.jobs() == 0 && claim.full() && dispatcher.running() > 0;
    boolean full = round.full() || lanesAreFull;
    if (claim.next().isPresent()) {
      rounds.put(handler.kind(), new Round(claim.next().getAsLong(), found, full));
      return 1;
    }
    rounds.remove(handler.kind());
    if (!found && full) {
      // Look again as soon as a run has ended.
      LockSupport.parkNanos(BREATH_NANOS);
      dispatcher.awaitRun(settings.poll());
    }
    return found || full ? 1 : 0;
  }

  private record Claim<W>(
      int jobs,
      OptionalLong next,
      List<JobHandler.Work<W>> works,
      Map<Long, Duration> waits,
      boolean moved,
      boolean full) {}

  private <W> Claim<W> claim(
      JobHandler<W> handler, int room, long cursor, Narrows narrow, Map<Long, Pace> paces) {
    HandOver handOver = dispatcher.handOver();
    return handOver.during(() ->
        transactions.call(() -> {
          Claim<W> claim = within(handler, room, cursor, narrow, paces);
          handOver.announce(
              claim.works().stream().map(work -> HandOver.Expected.of(work.job())).toList());
          return claim;
        }));
  }

  private <W> Claim<W> within(
      JobHandler<W> handler, int room, long cursor, Narrows narrow, Map<Long, Pace> paces) {
    JobQueue.Claimed claimed =
        queue.claim(
            handler.kind(),
            room,
            Math.min(PER_LANE, dispatcher.share()),
            settings.lease(),
            cursor,
            narrow,
            paces,
            turn++);
    boolean moved = !claimed.moved().isEmpty();
    if (moved) {
      handler.moved(claimed.moved());
    }
    List<Job> jobs = claimed.jobs();
    if (jobs.isEmpty()) {
      return new Claim<>(0, claimed.next(), List.of(), Map.of(), moved, claimed.full());
    }
    List<JobHandler.Work<W>> works = handler.claimed(jobs);
    if (works.size() < jobs.size()) {
      Set<Long> orphans = new HashSet<>(jobs.stream().map(Job::id).toList());
      works.forEach(work -> orphans.remove(work.job().id()));
      queue.remove(handler.kind(), orphans);
    }
    return new Claim<>(jobs.size(), claimed.next(), works, claimed.waits(), moved, claimed.full());
  }
}
