package dev.postrider.queue;

/**
 * What this node has in hand of one lane (a sender's messages, say), and how much of it may run or
 * be here: so many at once, at the pace its calls have, beside the other lanes at work.
 *
 * <p>Guarded by the lock of its dispatcher.
 */
final class Lane {
  /** Suspects (jobs whose node crashed twice) run in a lane of their own, one at a time. */
  static final long SUSPECTS = Long.MIN_VALUE;

  /** A call that takes longer is a slow one. */
  private static final double SLOW_NANOS = 2e9;

  private final long key;
  private final QueueSettings settings;
  private final Places places;
  private final Pauses pauses;
  private final Waiting waiting = new Waiting();

  private long app;

  /** Handed over and not started: in {@code waiting}, or kept in its order. */
  private int queued;

  /** Those of them that are kept in their order. */
  private int kept;

  /** Claimed and not finished, whether waiting, running or being written down. */
  private int claimed;

  /** Claimed, but not handed over yet: their commit is under way. */
  private int reserved;

  private int running;

  /** Its runs that began after its last pause. */
  private int sincePause;

  /** How often it was paused. */
  private int paused;

  /** Nothing starts: the end of the suspect before is not durable yet. */
  private boolean closed;

  /** How long a call of this lane takes, as a moving average; 0 when nothing is known of it. */
  private double runNanos;

  /** When a call of it ended last, or the first of those that run began. */
  private long heardAt;

  /** Whether its runs may take long at all. */
  private boolean mayTakeLong = true;

  /** Whether it waits for its turn. */
  boolean listed;

  Lane(long key, QueueSettings settings, Places places, Pauses pauses) {
    this.key = key;
    this.settings = settings;
    this.places = places;
    this.pauses = pauses;
  }

  /** A run that has begun, and how often its lane had been paused by then. */
  record Begun(Places.Place place, int paused) {}

  long key() {
    return key;
  }

  long app() {
    return app;
  }

  Waiting waiting() {
    return waiting;
  }

  boolean isOfSuspects() {
    return key == SUSPECTS;
  }

  void belongsTo(long application) {
    app = isOfSuspects() ? SUSPECTS : application;
  }

  void mayTakeLong(boolean may) {
    mayTakeLong = may;
  }

  /** A job of it is about to be claimed. */
  void reserve() {
    reserved++;
    claimed++;
  }

  /** The claim of a job that has a place is durable. */
  void arrived() {
    reserved--;
  }

  /** A job was claimed that had no place. */
  void claimed() {
    claimed++;
  }

  /** A place whose job was not claimed after all. */
  void unreserve() {
    reserved--;
    claimed--;
  }

  /** A job of it is finished, or lost. */
  void done() {
    claimed--;
  }

  void queue() {
    if (!isAtWork()) {
      places.laneBegins();
    }
    queued++;
  }

  void keep() {
    kept++;
  }

  void letGo() {
    kept--;
  }

  /** One that waited begins. */
  Begun begin(boolean takesLong) {
    queued--;
    heardAt = running == 0 ? System.nanoTime() : heardAt;
    running++;
    sincePause++;
    return new Begun(places.take(app, takesLong), paused);
  }

  void end(Begun begun) {
    running--;
    sincePause -= paused == begun.paused() ? 1 : 0;
    places.give(begun.place());
    if (!isAtWork()) {
      places.laneEnds();
    }
  }

  void pause() {
    paused++;
    sincePause = 0;
  }

  void close() {
    closed = true;
  }

  void open() {
    closed = false;
  }

  /** Nothing that waits starts any more. */
  void empty() {
    queued = 0;
    kept = 0;
    listed = false;
  }

  /** Whether none of its runs hangs from before its last pause. */
  boolean countsAll() {
    return running == sincePause;
  }

  private boolean isAtWork() {
    return running + queued > 0;
  }

  /** Whether there is nothing to remember of it. */
  boolean isUnused() {
    return claimed <= 0 && running == 0 && queued == 0 && !closed;
  }

  boolean canStart() {
    return !waiting.isEmpty() && underWay() < limit();
  }

  /** Whether it takes no place for what may take long. */
  boolean isQuick() {
    return !mayTakeLong || (runNanos > 0 && !isSlow());
  }

  private boolean isSlow() {
    return runNanos > SLOW_NANOS;
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
   * How many of it may be under way at once: one after a pause and more with each that gets
   * through; no more than an eighth of the node where runs take long.
   */
  private int limit() {
    if (isOfSuspects()) {
      return closed ? 0 : 1;
    }
    int most = settings.maxRunningPerLane();
    if (isSlow()) {
      most = Math.clamp(places.eighth(), 1, most);
    }
    return pauses.isComingBack(key)
        ? Math.max(1, Math.min(most - (running - sincePause), pauses.allowed(key)))
        : most;
  }

  /**
   * Its runs that count: what hangs from before a pause says nothing of the time after it, and must
   * not take the place of the call that finds out.
   */
  private int underWay() {
    return pauses.isComingBack(key) ? sincePause : running;
  }

  /**
   * How many may be here and not have ended: no more than will start, at this lane's pace and
   * beside the other lanes at work, well before a waiting job is given back. What is given back has
   * had its lane's turn for nothing; in a queue that is always too long nothing would ever start.
   * So a slow provider's backlog stays in the table.
   */
  private int room() {
    boolean comesBack = pauses.isComingBack(key);
    if (!isQuick() && places.slowLeft(app) == 0) {
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
  private int share() {
    int part = places.part(limit(), running);
    return isQuick() || app == 0 ? part : Math.min(part, running + places.slowLeft(app));
  }

  /** What is kept in its order stands in nobody's way: it takes no place before its turn. */
  private int inHand() {
    return underWay() + queued - kept + reserved;
  }

  /** How many more may be claimed of it. */
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
}
