package dev.postrider.queue;

import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs this node's claimed jobs on virtual threads: so many at once, so many of one lane, lanes in
 * turn. Bounded: what it cannot hold is left in the table for any node to claim.
 *
 * <p>A job counts as claimed here from its reservation until its finish is durable ({@link #done}),
 * so results that wait for the database are bounded too.
 */
@Wired
public class Dispatcher {
  /** Suspects (jobs whose node crashed twice) run in a lane of their own, one at a time. */
  private static final long SUSPECTS = Long.MIN_VALUE;

  private static final int SUSPECT_CRASHES = 2;

  private final class Lane {
    final long key;
    final Deque<Task> waiting = new ArrayDeque<>();
    int claimed;
    int running;
    boolean listed;

    Lane(long key) {
      this.key = key;
    }

    boolean canStart() {
      int limit = key == SUSPECTS ? 1 : settings.maxRunningPerLane();
      return !waiting.isEmpty() && running < limit;
    }
  }

  private record Task(Job job, Runnable run) {}

  private final QueueSettings settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Map<Long, Lane> lanes = new HashMap<>();
  private final Map<Long, Long> pausedUntil = new HashMap<>();
  private final Deque<Lane> ready = new ArrayDeque<>();
  private int claimed;
  private int running;
  private boolean draining;

  public Dispatcher(QueueSettings settings) {
    this.settings = settings;
  }

  /** Keeps a place for a job of this lane that is about to be claimed; false when there is none. */
  public boolean reserve(long lane) {
    lock.lock();
    try {
      if (draining || claimed >= settings.maxClaimed() || isPaused(lane)) {
        return false;
      }
      Lane of = lanes.computeIfAbsent(lane, Lane::new);
      if (of.claimed >= settings.maxClaimedPerLane()) {
        return false;
      }
      of.claimed++;
      claimed++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Gives back a place whose job was not claimed after all. */
  public void unreserve(long lane) {
    lock.lock();
    try {
      free(lane);
    } finally {
      lock.unlock();
    }
  }

  /** Runs a job that has a place. */
  public <W> void start(JobHandler<W> handler, JobHandler.Work<W> work) {
    lock.lock();
    try {
      enqueue(new Task(work.job(), () -> handler.run(work)));
    } finally {
      lock.unlock();
    }
  }

  /** Runs a job that was claimed from the table: it gets a place whatever the limits say. */
  public <W> void startClaimed(JobHandler<W> handler, JobHandler.Work<W> work) {
    lock.lock();
    try {
      lanes.computeIfAbsent(work.job().lane(), Lane::new).claimed++;
      claimed++;
      enqueue(new Task(work.job(), () -> handler.run(work)));
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(Task task) {
    long key = task.job().crashes() >= SUSPECT_CRASHES ? SUSPECTS : task.job().lane();
    Lane lane = lanes.computeIfAbsent(key, Lane::new);
    lane.waiting.add(task);
    list(lane);
    pump();
  }

  private void list(Lane lane) {
    if (!lane.listed && lane.canStart()) {
      lane.listed = true;
      ready.add(lane);
    }
  }

  private void pump() {
    while (!draining && running < settings.maxRunning() && !ready.isEmpty()) {
      Lane lane = ready.poll();
      lane.listed = false;
      Task task = lane.waiting.remove();
      lane.running++;
      running++;
      list(lane);
      Thread.ofVirtual().name("job-", task.job().id()).start(() -> run(lane, task));
    }
  }

  private void run(Lane lane, Task task) {
    try {
      task.run().run();
    } finally {
      lock.lock();
      try {
        lane.running--;
        running--;
        list(lane);
        pump();
        forget(lane);
        room.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** The job's finish is durable, or its lease is lost: its place is free. */
  public void done(Job job) {
    unreserve(job.lane());
  }

  private void free(long key) {
    Lane lane = lanes.get(key);
    if (lane != null) {
      lane.claimed--;
      forget(lane);
    }
    claimed--;
    room.signalAll();
  }

  private void forget(Lane lane) {
    if (lane.claimed <= 0 && lane.running == 0 && lane.waiting.isEmpty()) {
      lanes.remove(lane.key);
    }
  }

  /** Holds back everything of a lane for a while: its provider said that it cannot take more now. */
  public void pause(long lane, Duration wait) {
    lock.lock();
    try {
      pausedUntil.merge(lane, System.nanoTime() + wait.toNanos(), Math::max);
    } finally {
      lock.unlock();
    }
  }

  /** How long a lane is still held back on this node; zero when it is open. */
  public Duration pausedFor(long lane) {
    lock.lock();
    try {
      return isPaused(lane)
          ? Duration.ofNanos(pausedUntil.getOrDefault(lane, 0L) - System.nanoTime())
          : Duration.ZERO;
    } finally {
      lock.unlock();
    }
  }

  private boolean isPaused(long lane) {
    Long until = pausedUntil.get(lane);
    if (until == null) {
      return false;
    }
    if (until - System.nanoTime() <= 0) {
      pausedUntil.remove(lane);
      return false;
    }
    return true;
  }

  /** Lanes from which nothing should be claimed now: paused, or holding all they may. */
  public List<Long> closedLanes() {
    lock.lock();
    try {
      List<Long> closed = new ArrayList<>();
      for (Long lane : List.copyOf(pausedUntil.keySet())) {
        if (isPaused(lane)) {
          closed.add(lane);
        }
      }
      for (Lane lane : lanes.values()) {
        if (lane.claimed >= settings.maxRunningPerLane() * 2) {
          closed.add(lane.key);
        }
      }
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until at least so many more jobs may be claimed; returns how many may be. */
  public int awaitRoom(int atLeast, Duration atMost) {
    lock.lock();
    try {
      long left = atMost.toNanos();
      while (left > 0 && !draining && settings.maxClaimed() - claimed < atLeast) {
        left = room.awaitNanos(left);
      }
      return draining ? 0 : Math.max(0, settings.maxClaimed() - claimed);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return 0;
    } finally {
      lock.unlock();
    }
  }

  public int running() {
    return locked(() -> running);
  }

  public int claimed() {
    return locked(() -> claimed);
  }

  private int locked(java.util.function.IntSupplier count) {
    lock.lock();
    try {
      return count.getAsInt();
    } finally {
      lock.unlock();
    }
  }

  /** Starts nothing more; returns the jobs that were claimed but never started. */
  public List<Job> stopStarting() {
    lock.lock();
    try {
      draining = true;
      List<Job> unstarted = new ArrayList<>();
      for (Lane lane : lanes.values()) {
        lane.waiting.forEach(task -> unstarted.add(task.job()));
        lane.waiting.clear();
        lane.listed = false;
      }
      ready.clear();
      return unstarted;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until every claimed job is finished; false when the time is over. */
  public boolean awaitIdle(Duration atMost) {
    lock.lock();
    try {
      long left = atMost.toNanos();
      while (claimed > 0 || running > 0) {
        if (left <= 0) {
          return false;
        }
        left = room.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
