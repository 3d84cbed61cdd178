package dev.postrider.queue;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Claims due jobs and hands them to the dispatcher: what was scheduled, what is retried, what
 * another node left behind, and what did not fit into the accepting node's memory.
 */
@Wired
public class WorkLoop implements Loop {
  private static final int BATCH = 128;
  private static final int PER_LANE = 32;
  private static final long BREATH_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final JobQueue queue;
  private final Dispatcher dispatcher;
  private final Transactions transactions;
  private final QueueSettings settings;
  private final List<JobHandler<?>> handlers;

  /** Where the last claim of a kind ended, so that every lane has its turn. */
  private final Map<String, Long> cursors = new HashMap<>();

  public WorkLoop(
      JobQueue queue,
      Dispatcher dispatcher,
      Transactions transactions,
      QueueSettings settings,
      List<JobHandler<?>> handlers) {
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

  @Override
  public int runOnce() {
    int claimed = 0;
    for (JobHandler<?> handler : handlers) {
      claimed += claimFor(handler);
    }
    return claimed;
  }

  private <W> int claimFor(JobHandler<W> handler) {
    int room = Math.min(BATCH, dispatcher.awaitRoom(BATCH / 4, settings.poll()));
    if (room == 0) {
      return 0;
    }
    long cursor = cursors.getOrDefault(handler.kind(), Long.MIN_VALUE);
    Claim<W> claim = transactions.call(() -> claim(handler, room, cursor));
    cursors.put(handler.kind(), claim.jobs().size() < room ? Long.MIN_VALUE : claim.lastLane());
    claim.works().forEach(work -> dispatcher.startClaimed(handler, work));
    if (!claim.jobs().isEmpty()) {
      return claim.jobs().size();
    }
    // Nothing found from the cursor on: look once more from the first lane before resting. Lanes
    // that were full may have work left: look again as soon as one of their runs has ended.
    if (cursor == Long.MIN_VALUE && claim.lanesWereFull()) {
      LockSupport.parkNanos(BREATH_NANOS);
      dispatcher.awaitRun(settings.poll());
      return 1;
    }
    return cursor == Long.MIN_VALUE ? 0 : 1;
  }

  private record Claim<W>(List<Job> jobs, List<JobHandler.Work<W>> works, boolean lanesWereFull) {
    long lastLane() {
      return jobs.stream().mapToLong(Job::lane).max().orElse(Long.MIN_VALUE);
    }
  }

  private <W> Claim<W> claim(JobHandler<W> handler, int room, long cursor) {
    List<Long> closed = dispatcher.closedLanes();
    List<Job> jobs = queue.claim(handler.kind(), room, PER_LANE, settings.lease(), cursor, closed);
    if (jobs.isEmpty()) {
      return new Claim<>(jobs, List.of(), !closed.isEmpty() && dispatcher.running() > 0);
    }
    List<JobHandler.Work<W>> works = handler.claimed(jobs);
    if (works.size() < jobs.size()) {
      Set<Long> orphans = new HashSet<>(jobs.stream().map(Job::id).toList());
      works.forEach(work -> orphans.remove(work.job().id()));
      queue.remove(handler.kind(), orphans);
    }
    return new Claim<>(jobs, works, false);
  }
}
