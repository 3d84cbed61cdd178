package dev.postrider.queue;

import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Runs this node's claimed jobs on virtual threads: so many at once, so many of one lane;
 * applications in turn, and the lanes of each in turn; what must keep its order one by one.
 * Bounded: what it cannot hold is left in the table for any node to claim.
 *
 * <p>A job counts as claimed here from its reservation until its finish is durable ({@link #done}),
 * so results that wait for the database are bounded too.
 */
@Wired
public class Dispatcher {
  /** What is too late is looked for so often in the time there is to start. */
  private static final int LOOKS_FOR_LATE = 8;

  /** All that may be here goes back in so many looks. */
  private static final int GO_BACK_IN = 8;

  private final QueueSettings settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Map<Long, Lane> lanes = new HashMap<>();
  private final Places places;
  private final Pauses pauses;
  private final Turns<Lane> ready = new Turns<>();
  private final Orders orders = new Orders();

  /** What its lane's pace lets start in a moment. */
  private final Set<Waiting.Task> later = new HashSet<>();

  private int claimed;

  /** The suspect whose end is not durable yet; 0 for none. The next one waits for that. */
  private long suspect;

  /** Runs that have ended. */
  private long runs;

  private boolean draining;

  /** By the monotonic clock; only the work loop looks. */
  private long lookedForLate = System.nanoTime();

  public Dispatcher(QueueSettings settings) {
    this.settings = settings;
    this.places = new Places(settings.maxRunning());
    this.pauses = new Pauses(settings.maxRunningPerLane());
  }

  /** Keeps a place for a job of this lane that is about to be claimed; false when there is none. */
  public boolean reserve(long lane, long app) {
    lock.lock();
    try {
      if (draining || claimed >= settings.maxClaimed() || pauses.isPaused(lane)) {
        return false;
      }
      Lane of = lane(lane);
      of.belongsTo(app);
      if (of.roomLeft() == 0) {
        forget(of);
        return false;
      }
      of.reserve();
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
      Lane of = lane(lane);
      of.unreserve();
      free(of);
    } finally {
      lock.unlock();
    }
  }

  /** For jobs that a transaction is about to make this node's. */
  public HandOver handOver() {
    return new HandOver(this);
  }

  void expect(List<HandOver.Expected> jobs) {
    if (jobs.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      jobs.forEach(orders::expect);
    } finally {
      lock.unlock();
    }
  }

  void unexpect(List<HandOver.Expected> jobs) {
    if (jobs.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      for (HandOver.Expected job : jobs) {
        letGo(orders.unexpect(job));
      }
      pump();
    } finally {
      lock.unlock();
    }
  }

  /** Runs a job that has a place. */
  public <W> void start(JobHandler<W> handler, JobHandler.Work<W> work) {
    lock.lock();
    try {
      Lane lane = lane(work.job().lane());
      lane.arrived();
      lane.mayTakeLong(handler.mayTakeLong());
      enqueue(new Waiting.Task(work.job(), () -> handler.run(work)));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs a job that was claimed from the table, after a wait that its lane's pace asks for: it gets
   * a place whatever the limits say.
   */
  public <W> void startClaimed(JobHandler<W> handler, JobHandler.Work<W> work, Duration wait) {
    Waiting.Task task = new Waiting.Task(work.job(), () -> handler.run(work));
    lock.lock();
    try {
      Lane lane = lane(work.job().lane());
      lane.claimed();
      lane.mayTakeLong(handler.mayTakeLong());
      claimed++;
      if (wait.isZero()) {
        enqueue(task);
      } else {
        later.add(task);
        CompletableFuture.delayedExecutor(wait.toNanos(), TimeUnit.NANOSECONDS)
            .execute(() -> startLater(task));
      }
    } finally {
      lock.unlock();
    }
  }

  private void startLater(Waiting.Task task) {
    lock.lock();
    try {
      if (later.remove(task)) {
        enqueue(task);
      }
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(Waiting.Task task) {
    Lane lane = laneOf(task);
    lane.queue();
    if (orders.mayGo(task)) {
      wait(lane, task);
      pump();
    } else {
      lane.keep();
    }
  }

  /** These were kept in their order, and are not any more. */
  private void letGo(List<Waiting.Task> tasks) {
    for (Waiting.Task task : tasks) {
      Lane lane = laneOf(task);
      lane.letGo();
      wait(lane, task);
    }
  }

  private Lane laneOf(Waiting.Task task) {
    Lane lane = laneOf(task.job());
    lane.belongsTo(task.job().appId());
    return lane;
  }

  private Lane laneOf(Job job) {
    return lane(job.isSuspect() ? Lane.SUSPECTS : job.lane());
  }

  private void wait(Lane lane, Waiting.Task task) {
    lane.waiting().add(task);
    list(lane);
  }

  private Lane lane(long key) {
    return lanes.computeIfAbsent(key, it -> new Lane(it, settings, places, pauses));
  }

  private void list(Lane lane) {
    list(lane, false);
  }

  /**
   * @param next whether its turn is the next one, because the one it had was none
   */
  private void list(Lane lane, boolean next) {
    if (!lane.listed && lane.canStart()) {
      lane.listed = true;
      if (next) {
        ready.addNext(lane.app(), lane);
      } else {
        ready.add(lane.app(), lane);
      }
    }
  }

  private void pump() {
    while (!draining && !places.isFull()) {
      Lane lane = ready.next(places::mayHaveOne, this::hasPlace);
      if (lane == null) {
        return;
      }
      lane.listed = false;
      if (!lane.canStart()) {
        continue; // what waited went back, or it was paused, since it was listed
      }
      Waiting.Task task = lane.waiting().next();
      if (lane.isOfSuspects()) {
        suspect = task.job().token();
        lane.close();
      }
      begin(lane, task, !lane.isQuick());
    }
  }

  private void begin(Lane lane, Waiting.Task task, boolean takesLong) {
    Lane.Begun begun = lane.begin(takesLong);
    // It will only go back: that is no turn.
    boolean tooLate = isTooLate(task);
    list(lane, tooLate);
    Thread.ofVirtual().name("job-", task.job().id()).start(() -> run(lane, begun, tooLate, task));
  }

  /**
   * What is too late goes back to the table, however many run: where calls hang, the leases of what
   * waits behind them would be over first.
   */
  void sendBackLate() {
    long now = System.nanoTime();
    if (now - lookedForLate < settings.startWithin().toNanos() / LOOKS_FOR_LATE) {
      return;
    }
    lookedForLate = now;
    lock.lock();
    try {
      if (draining) {
        return;
      }
      letGo(orders.sendBack(this::isTooLate));
      // Not all at once: each asks the database.
      int left = Math.ceilDiv(settings.maxClaimed(), GO_BACK_IN);
      for (Lane lane : List.copyOf(lanes.values())) {
        lane.listen(now);
        Waiting waiting = lane.waiting();
        for (Waiting.Task task = waiting.oldest();
            left > 0 && task != null && isTooLate(task);
            task = waiting.oldest()) {
          begin(lane, waiting.takeOldest(), false);
          left--;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isTooLate(Waiting.Task task) {
    return isTooLate(task.job());
  }

  /** Whether this job was claimed so long ago that it may only go back. */
  public boolean isTooLate(Job job) {
    return job.age(System.nanoTime()).compareTo(settings.startWithin()) > 0;
  }

  private boolean hasPlace(Lane lane) {
    return lane.isQuick() || places.slowLeft(lane.app()) > 0;
  }

  /** Applications whose calls take long and have all the places that they may have. */
  private Set<Long> fullApps() {
    return lanes.values().stream()
        .map(Lane::app)
        .distinct()
        .filter(app -> places.slowLeft(app) == 0)
        .collect(Collectors.toSet());
  }

  private void run(Lane lane, Lane.Begun begun, boolean tooLate, Waiting.Task task) {
    try {
      task.run().run();
    } catch (Throwable t) {
      // It has not said that it is done. Its lease runs out, as if the node had died; its place is
      // free all the same, or each such end would cost the node one.
      done(task.job());
      throw t;
    } finally {
      lock.lock();
      try {
        lane.end(begun);
        runs++;
        list(lane, tooLate);
        pump();
        forget(lane);
        room.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Said during its run: the job goes back unstarted, and keeps its place in its order. What came
   * after it gets its turn at once, to go back, too.
   */
  public void givenBack(Job job) {
    lock.lock();
    try {
      letGo(orders.givenBack(job));
      pump();
    } finally {
      lock.unlock();
    }
  }

  /** Whether this job must go back, because one before it in its order did. */
  public boolean mustGoBack(Job job) {
    lock.lock();
    try {
      return orders.mustGoBack(job);
    } finally {
      lock.unlock();
    }
  }

  /** Said during its run: how long its call took. What makes none says nothing of its provider. */
  public void called(Job job, Duration took) {
    lock.lock();
    try {
      laneOf(job).took(took.toNanos());
    } finally {
      lock.unlock();
    }
  }

  /** The job's finish is durable, or its lease is lost: its place is free. */
  public void done(Job job) {
    lock.lock();
    try {
      letGo(orders.done(job));
      if (job.token() == suspect) {
        suspect = 0;
        Lane suspects = lane(Lane.SUSPECTS);
        suspects.open();
        list(suspects);
        forget(suspects);
      }
      pump();
      Lane lane = lane(job.lane());
      lane.done();
      free(lane);
    } finally {
      lock.unlock();
    }
  }

  private void free(Lane lane) {
    forget(lane);
    claimed--;
    room.signalAll();
  }

  private void forget(Lane lane) {
    if (lane.isUnused()) {
      lanes.remove(lane.key());
    }
  }

  /**
   * Holds back everything of a lane for a while: its provider said, or showed, that it cannot take
   * more now. Afterwards one run at a time is let through until one succeeds.
   */
  public void pause(long lane, Duration wait) {
    lock.lock();
    try {
      pauses.begin(lane, wait);
      Lane known = lanes.get(lane);
      if (known != null) {
        known.pause();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends a pause before its time. The lane comes back as after any other. */
  public void unpause(long lane) {
    lock.lock();
    try {
      if (pauses.end(lane)) {
        room.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * A run of this lane got through: twice as many may run at once, until there is no limit left.
   */
  public void succeeded(long lane) {
    if (!pauses.isComingBack(lane)) {
      return;
    }
    lock.lock();
    try {
      if (pauses.isPaused(lane)) {
        return; // it was under way before the pause, and tells nothing of what comes after it
      }
      Lane known = lanes.get(lane);
      pauses.gotThrough(lane, known == null || known.countsAll());
      if (known != null) {
        list(known);
        pump();
      }
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How long a lane is still held back on this node; zero when it is open. */
  public Duration pausedFor(long lane) {
    lock.lock();
    try {
      return pauses.left(lane);
    } finally {
      lock.unlock();
    }
  }

  /** Lanes that are held back on this node. */
  public Set<Long> pausedLanes() {
    lock.lock();
    try {
      return pauses.paused();
    } finally {
      lock.unlock();
    }
  }

  /**
   * What may give a claim less than others.
   *
   * @param held lanes from which nothing may start
   * @param mayTakeLong whether it is claimed for what may take long
   */
  Narrows narrows(Set<Long> held, boolean mayTakeLong) {
    lock.lock();
    try {
      Map<Long, Narrow> narrow = narrowLanes();
      held.forEach(lane -> narrow.put(lane, Narrow.CLOSED));
      Set<Long> full = mayTakeLong ? fullApps() : Set.of();
      return new Narrows(narrow, full, full.isEmpty() ? Set.of() : quickLanes());
    } finally {
      lock.unlock();
    }
  }

  private Set<Long> quickLanes() {
    return lanes.values().stream().filter(Lane::isQuick).map(Lane::key).collect(Collectors.toSet());
  }

  /**
   * How many may be claimed of lanes that have not room for as many as may run of any: nothing of
   * those that are paused, or have enough in hand; as many as may run of those that are coming
   * back.
   */
  Map<Long, Narrow> narrowLanes() {
    lock.lock();
    try {
      Map<Long, Narrow> narrow = new HashMap<>();
      for (Lane lane : lanes.values()) {
        int left = lane.roomLeft();
        if (!lane.isHungry() && !pauses.isComingBack(lane.key())) {
          narrow.put(lane.key(), Narrow.FULL);
        } else if (left < settings.maxRunningPerLane()) {
          narrow.put(lane.key(), Narrow.to(left));
        }
      }
      pauses
          .allowed()
          .forEach((lane, allowed) -> {
            if (allowed > 1) {
              narrow.putIfAbsent(lane, Narrow.to(allowed));
            } else if (!narrow.getOrDefault(lane, Narrow.PROBE).equals(Narrow.FULL)) {
              narrow.put(lane, Narrow.PROBE);
            }
          });
      pauses.paused().forEach(lane -> narrow.put(lane, Narrow.CLOSED));
      return narrow;
    } finally {
      lock.unlock();
    }
  }

  /** How many places to run a lane of which nothing is here may count on. */
  int share() {
    return locked(() -> places.part(settings.maxRunningPerLane(), 0));
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

  /** Waits a moment for a run to end, so that a lane that was full may have room again. */
  public void awaitRun(Duration atMost) {
    lock.lock();
    try {
      long seen = runs;
      long left = atMost.toNanos();
      while (left > 0 && runs == seen && !draining) {
        left = room.awaitNanos(left);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing more is started: what can end early should. */
  public boolean isDraining() {
    lock.lock();
    try {
      return draining;
    } finally {
      lock.unlock();
    }
  }

  public int running() {
    return locked(places::taken);
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
        lane.waiting().clear().forEach(task -> unstarted.add(task.job()));
        lane.empty();
      }
      orders.clear().forEach(task -> unstarted.add(task.job()));
      later.forEach(task -> unstarted.add(task.job()));
      later.clear();
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
      while (claimed > 0 || places.taken() > 0) {
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
