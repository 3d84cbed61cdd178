package dev.postrider.queue;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.postrider.platform.FairRoom;
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
import org.jspecify.annotations.Nullable;

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
  /** Suspects (jobs whose node crashed twice) run in a lane of their own, one at a time. */
  private static final long SUSPECTS = Long.MIN_VALUE;

  /** A lane of which nothing was heard for so long after a pause may be gone. */
  private static final Duration RAMPS_KEPT = Duration.ofMinutes(30);

  private static final double SLOW_NANOS = 2e9;

  /** What is too late is looked for so often in the time there is to start. */
  private static final int LOOKS_FOR_LATE = 8;

  /** All that may be here goes back in so many looks. */
  private static final int GO_BACK_IN = 8;

  private final class Lane {
    final long key;
    final Waiting waiting = new Waiting();
    long app;

    /** Handed over and not started: in {@code waiting}, or kept in its order. */
    int queued;

    /** Those of them that are kept in their order. */
    int kept;

    /** Claimed and not finished, whether waiting, running or being written down. */
    int claimed;

    /** Claimed, but not handed over yet: their commit is under way. */
    int reserved;

    int running;

    /** Its runs that began after its last pause. */
    int sincePause;

    /** How often it was paused. */
    int pauses;

    boolean listed;

    /** How long a call of this lane takes, as a moving average; 0 when nothing is known of it. */
    double runNanos;

    /** When a call of it ended last, or the first of those that run began. */
    long heardAt;

    /** Whether its runs may take long at all. */
    boolean mayTakeLong = true;

    Lane(long key) {
      this.key = key;
    }

    /**
     * How many of it may be under way at once: one after a pause and more with each that gets
     * through; no more than an eighth of the node where runs take long.
     */
    int limit() {
      if (key == SUSPECTS) {
        return suspect == 0 ? 1 : 0;
      }
      boolean slow = runNanos > SLOW_NANOS;
      int most =
          slow
              ? Math.clamp(settings.maxRunning() / 8, 1, settings.maxRunningPerLane())
              : settings.maxRunningPerLane();
      Ramp ramp = ramps.get(key);
      return ramp == null
          ? most
          : Math.max(1, Math.min(most - (running - sincePause), ramp.allowed()));
    }

    /**
     * Its runs that count: what hangs from before a pause says nothing of the time after it, and
     * must not take the place of the call that finds out.
     */
    private int underWay() {
      return ramps.containsKey(key) ? sincePause : running;
    }

    boolean canStart() {
      return !waiting.isEmpty() && underWay() < limit();
    }

    boolean isQuick() {
      return !mayTakeLong || (runNanos > 0 && runNanos <= SLOW_NANOS);
    }

    /** What was quick is not while nothing comes of it. */
    void listen(long now) {
      if (running > 0 && runNanos > 0) {
        runNanos = Math.max(runNanos, (double) (now - heardAt));
      }
    }

    void took(long nanos) {
      heardAt = System.nanoTime();
      runNanos = runNanos == 0 ? nanos : runNanos * 0.9 + nanos * 0.1;
    }

    /**
     * How many may be here and not have ended: no more than will start, at this lane's pace and
     * beside the other lanes at work, well before a waiting job is given back. What is given back
     * has had its lane's turn for nothing; in a queue that is always too long nothing would ever
     * start. So a slow provider's backlog stays in the table.
     */
    int room() {
      boolean comesBack = ramps.containsKey(key);
      if (!isQuick() && slowPlaces.left(app) == 0) {
        // What waited here would be given back before its application has a place for it.
        return comesBack ? underWay() : share();
      }
      if (comesBack) {
        // Nobody knows yet whether its provider is back: nothing waits here for that.
        return limit();
      }
      int share = share();
      double startable =
          runNanos == 0
              ? settings.maxRunningPerLane()
              : share * (settings.startWithin().toNanos() / 3.0) / runNanos;
      return share + (int) Math.min(settings.maxWaitingPerLane(), Math.max(1, startable));
    }

    /** The places to run that it may count on: its part, and what nobody else uses. */
    int share() {
      int places = places(limit(), running);
      return isQuick() || app == 0 ? places : Math.min(places, running + slowPlaces.left(app));
    }

    /** What is kept in its order stands in nobody's way: it takes no place before its turn. */
    private int inHand() {
      return underWay() + queued - kept + reserved;
    }

    int roomLeft() {
      int room = room();
      // As much as its pace starts before it goes back, or one order would fill the node.
      int mostKept =
          Math.min(settings.maxWaitingPerLane(), Math.max(room, settings.maxRunningPerLane()));
      return kept < mostKept ? Math.max(0, room - inHand()) : 0;
    }

    /** Whether it is worth a claim: it is half empty, or has places to run and nothing for them. */
    boolean isHungry() {
      return roomLeft() * 2 >= room() || inHand() < share();
    }

    boolean isAtWork() {
      return running + queued > 0;
    }
  }

  private final QueueSettings settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Map<Long, Lane> lanes = new HashMap<>();
  private final Map<Long, Long> pausedUntil = new HashMap<>();

  /**
   * A lane on its way back from a pause.
   *
   * @param allowed how many of it may run at once
   * @param kept for how long that is known, if nothing is heard of it
   */
  private record Ramp(int allowed, Duration kept) {}

  private final Map<Long, Ramp> ramps =
      Caffeine.newBuilder()
          .expireAfter(Expiry.<Long, Ramp>writing((_, ramp) -> ramp.kept()))
          .<Long, Ramp>build()
          .asMap();

  private final Turns<Lane> ready = new Turns<>();
  private final Orders orders = new Orders();

  /** What its lane's pace lets start in a moment. */
  private final Set<Waiting.Task> later = new HashSet<>();

  private int claimed;
  private int running;

  /** By application, of those that have any. */
  private final Map<Long, Integer> runningOf = new HashMap<>();

  /** The places of runs that take long, or may, by application. */
  private final FairRoom slowPlaces;

  /** Lanes of which something runs or waits for a place to run. */
  private int atWork;

  /** The suspect whose end is not durable yet; 0 for none. The next one waits for that. */
  private long suspect;

  /** Runs that have ended. */
  private long runs;

  private boolean draining;

  /** By the monotonic clock; only the work loop looks. */
  private long lookedForLate = System.nanoTime();

  public Dispatcher(QueueSettings settings) {
    this.settings = settings;
    this.slowPlaces = new FairRoom(settings.maxRunning());
  }

  /** Keeps a place for a job of this lane that is about to be claimed; false when there is none. */
  public boolean reserve(long lane, long app) {
    lock.lock();
    try {
      if (draining || claimed >= settings.maxClaimed() || isPaused(lane)) {
        return false;
      }
      Lane of = lane(lane);
      of.app = app;
      if (of.roomLeft() == 0) {
        forget(of);
        return false;
      }
      of.reserved++;
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
      lane(lane).reserved--;
      free(lane);
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
      lane.reserved--;
      lane.mayTakeLong = handler.mayTakeLong();
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
      lane.claimed++;
      lane.mayTakeLong = handler.mayTakeLong();
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
    atWork += lane.isAtWork() ? 0 : 1;
    lane.queued++;
    if (orders.mayGo(task)) {
      wait(lane, task);
      pump();
    } else {
      lane.kept++;
    }
  }

  /** These were kept in their order, and are not any more. */
  private void letGo(List<Waiting.Task> tasks) {
    for (Waiting.Task task : tasks) {
      Lane lane = laneOf(task);
      lane.kept--;
      wait(lane, task);
    }
  }

  private Lane laneOf(Waiting.Task task) {
    Lane lane = laneOf(task.job());
    lane.app = lane.key == SUSPECTS ? SUSPECTS : task.job().appId();
    return lane;
  }

  private Lane laneOf(Job job) {
    return lane(job.isSuspect() ? SUSPECTS : job.lane());
  }

  private void wait(Lane lane, Waiting.Task task) {
    lane.waiting.add(task);
    list(lane);
  }

  private Lane lane(long key) {
    return lanes.computeIfAbsent(key, Lane::new);
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
        ready.addNext(lane.app, lane);
      } else {
        ready.add(lane.app, lane);
      }
    }
  }

  private void pump() {
    while (!draining && running < settings.maxRunning()) {
      Lane lane = ready.next(this::leavesPlaces, this::hasPlace);
      if (lane == null) {
        return;
      }
      lane.listed = false;
      if (!lane.canStart()) {
        continue; // what waited went back, or it was paused, since it was listed
      }
      Waiting.Task task = lane.waiting.next();
      // Of its application as it is now, and as slow as it was thought to be.
      Long slowFor = lane.isQuick() || !slowPlaces.take(lane.app, 1) ? null : (Long) lane.app;
      if (lane.key == SUSPECTS) {
        suspect = task.job().token();
      }
      begin(lane, slowFor, task);
    }
  }

  private void begin(Lane lane, @Nullable Long slowFor, Waiting.Task task) {
    lane.queued--;
    lane.heardAt = lane.running == 0 ? System.nanoTime() : lane.heardAt;
    lane.running++;
    lane.sincePause++;
    running++;
    runningOf.merge(lane.app, 1, Integer::sum);
    int pauses = lane.pauses;
    long app = lane.app;
    // It will only go back: that is no turn.
    boolean tooLate = isTooLate(task);
    list(lane, tooLate);
    Thread.ofVirtual()
        .name("job-", task.job().id())
        .start(() -> run(lane, new Begun(pauses, app, slowFor, tooLate), task));
  }

  /**
   * What is remembered of a run's beginning.
   *
   * @param pauses how many its lane had had
   * @param app whose it was
   * @param slowFor whose slow place it has; null for none
   * @param tooLate whether it only goes back
   */
  private record Begun(int pauses, long app, @Nullable Long slowFor, boolean tooLate) {}

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
        for (Waiting.Task task = lane.waiting.oldest();
            left > 0 && task != null && isTooLate(task);
            task = lane.waiting.oldest()) {
          begin(lane, null, lane.waiting.takeOldest());
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

  /**
   * Whether an application may have its turn. Any of it may fall silent: of the last places each
   * has one at most, so that nobody has them all for as long as calls may take.
   */
  private boolean leavesPlaces(long app) {
    return running < settings.maxRunning() - settings.maxRunning() / 8
        || !runningOf.containsKey(app);
  }

  /**
   * Whether a lane may have its turn. Where calls take long, or nobody knows yet how long, an
   * application takes no more places than three times what all such calls leave: another one's
   * would not be free for as long as those take.
   */
  private boolean hasPlace(Lane lane) {
    return lane.isQuick() || slowPlaces.left(lane.app) > 0;
  }

  /** Applications whose calls take long and have all the places that they may have. */
  private Set<Long> fullApps() {
    return lanes.values().stream()
        .map(lane -> lane.app)
        .distinct()
        .filter(app -> slowPlaces.left(app) == 0)
        .collect(Collectors.toSet());
  }

  private void run(Lane lane, Begun begun, Waiting.Task task) {
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
        lane.running--;
        lane.sincePause -= lane.pauses == begun.pauses() ? 1 : 0;
        running--;
        runningOf.computeIfPresent(begun.app(), (_, of) -> of == 1 ? null : of - 1);
        if (begun.slowFor() != null) {
          slowPlaces.give(begun.slowFor(), 1);
        }
        atWork -= lane.isAtWork() ? 0 : 1;
        runs++;
        list(lane, begun.tooLate());
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
        list(lane(SUSPECTS));
        forget(lane(SUSPECTS));
      }
      pump();
      free(job.lane());
    } finally {
      lock.unlock();
    }
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
    if (lane.claimed <= 0 && lane.running == 0 && lane.queued == 0) {
      lanes.remove(lane.key);
    }
  }

  /**
   * Holds back everything of a lane for a while: its provider said, or showed, that it cannot take
   * more now. Afterwards one run at a time is let through until one succeeds.
   */
  public void pause(long lane, Duration wait) {
    lock.lock();
    try {
      long now = System.nanoTime();
      long until = pausedUntil.merge(lane, now + wait.toNanos(), Math::max);
      ramps.put(lane, new Ramp(1, RAMPS_KEPT.plusNanos(until - now)));
      Lane known = lanes.get(lane);
      if (known != null) {
        known.pauses++;
        known.sincePause = 0;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends a pause before its time. The lane comes back as after any other. */
  public void unpause(long lane) {
    lock.lock();
    try {
      if (pausedUntil.remove(lane) != null) {
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
    if (ramps.isEmpty() || !ramps.containsKey(lane)) {
      return;
    }
    lock.lock();
    try {
      if (isPaused(lane)) {
        return; // it was under way before the pause, and tells nothing of what comes after it
      }
      Lane known = lanes.get(lane);
      // As long as some from before the pause hang, only that keeps them from being counted.
      boolean countsAll = known == null || known.running == known.sincePause;
      int most = settings.maxRunningPerLane();
      ramps.computeIfPresent(
          lane,
          (_, ramp) ->
              countsAll && ramp.allowed() * 2 >= most
                  ? null
                  : new Ramp(Math.min(ramp.allowed() * 2, most), RAMPS_KEPT));
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
      return isPaused(lane)
          ? Duration.ofNanos(pausedUntil.getOrDefault(lane, 0L) - System.nanoTime())
          : Duration.ZERO;
    } finally {
      lock.unlock();
    }
  }

  /** Lanes that are held back on this node. */
  public Set<Long> pausedLanes() {
    lock.lock();
    try {
      Set<Long> paused = new HashSet<>(pausedUntil.keySet());
      paused.removeIf(lane -> !isPaused(lane));
      return paused;
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
      Set<Long> quick =
          lanes.values().stream()
              .filter(Lane::isQuick)
              .map(lane -> lane.key)
              .collect(Collectors.toSet());
      return new Narrows(narrow, mayTakeLong ? fullApps() : Set.of(), quick);
    } finally {
      lock.unlock();
    }
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
        if (!lane.isHungry() && !ramps.containsKey(lane.key)) {
          narrow.put(lane.key, Narrow.FULL);
        } else if (left < settings.maxRunningPerLane()) {
          narrow.put(lane.key, Narrow.to(left));
        }
      }
      ramps.forEach((lane, ramp) -> {
        if (ramp.allowed() > 1) {
          narrow.putIfAbsent(lane, Narrow.to(ramp.allowed()));
        } else if (!narrow.getOrDefault(lane, Narrow.PROBE).equals(Narrow.FULL)) {
          narrow.put(lane, Narrow.PROBE);
        }
      });
      for (Long lane : List.copyOf(pausedUntil.keySet())) {
        if (isPaused(lane)) {
          narrow.put(lane, Narrow.CLOSED);
        }
      }
      return narrow;
    } finally {
      lock.unlock();
    }
  }

  /** How many places to run a lane of which nothing is here may count on. */
  int share() {
    return locked(() -> places(settings.maxRunningPerLane(), 0));
  }

  /**
   * What each lane at work gets of the places to run; or, if that is more, those nobody else uses.
   */
  private int places(int limit, int itsOwn) {
    int part = Math.ceilDiv(settings.maxRunning(), Math.max(1, atWork));
    return Math.min(limit, Math.max(part, itsOwn + settings.maxRunning() - running));
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
        lane.waiting.clear().forEach(task -> unstarted.add(task.job()));
        lane.queued = 0;
        lane.kept = 0;
        lane.listed = false;
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
