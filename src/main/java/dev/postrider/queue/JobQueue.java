package dev.postrider.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The durable queue. Every method takes part in the caller's transaction where there is one. {@link
 * JobStore} keeps it in PostgreSQL; tests keep a model of it in memory, and one contract holds for
 * both.
 */
public interface JobQueue {
  /** The time that leases and due times are told by: the database's. */
  Instant now();

  /**
   * Adds jobs. Those with a token are leased to this node from the start, except those before which
   * another one must go that is not on this node; returns the tokens of those that are.
   */
  Set<Long> enqueue(List<NewJob> jobs, Duration lease);

  /**
   * What a claim took.
   *
   * @param next the lane after which the next claim goes on; empty when the last lane was reached
   * @param waits by the id of a job whose lane has a pace: how long after the claim it may start
   * @param moved due jobs it met that must wait for others, and moved out of the way: what stands
   *     behind them was not looked at
   * @param full whether it passed over due jobs of a lane that has enough in hand
   */
  record Claimed(
      List<Job> jobs,
      OptionalLong next,
      Map<Long, Duration> waits,
      List<Moved> moved,
      boolean full) {}

  /**
   * A job that was moved out of the way of others.
   *
   * @param until when it is due again
   */
  record Moved(long id, long appId, Instant until) {}

  /**
   * Claims due jobs, round robin over lanes from {@code cursor} on. Applications share the limit,
   * and the lanes of each share its part: the more of them have work, the fewer jobs each gives,
   * down to one. Within a lane the most urgent go first, and in every eighth turn the oldest.
   * Leaves jobs whose order is another node's to keep.
   *
   * @param perLane at most so many of one lane in one claim
   * @param cursor only lanes after this one
   * @param narrow what may give less than that
   * @param paces lanes that start only so many in a time; they give what may start soon
   * @param turn how many claims there were before
   */
  Claimed claim(
      String kind,
      int limit,
      int perLane,
      Duration lease,
      long cursor,
      Narrows narrow,
      Map<Long, Pace> paces,
      int turn);

  /** Whether this turn is the oldest one's, whatever is more urgent. */
  static boolean isOldestsTurn(int turn) {
    return Math.floorMod(turn, OLDESTS_TURN) == OLDESTS_TURN - 1;
  }

  /** Every so many turns, the oldest goes first. */
  int OLDESTS_TURN = 8;

  /** Finishes claimed jobs; returns the tokens of those that still held their lease. */
  Set<Long> finish(List<? extends Finish> finishes);

  /**
   * Says just before a run that it begins, where that matters: because it must not be repeated
   * after a crash ({@code mark}), or because it may outlast the lease it was claimed with. False
   * when the lease is lost.
   */
  boolean begin(Job job, Duration lease, boolean mark);

  /**
   * A job whose lease ran out.
   *
   * @param started whether its run was marked as begun
   * @param now the database's clock at the rescue
   */
  record Expired(Job job, boolean started, Instant now) {}

  /** Takes back jobs whose lease ran out and makes them due again, their crash counted. */
  List<Expired> rescue(String kind, int limit);

  /** Takes back the attempt that was counted of rescued jobs whose claim was for none. */
  void uncount(String kind, Collection<Long> ids);

  /** Removes a job that nobody is working on; false when it is claimed or gone. */
  boolean cancel(String kind, long id);

  /** Removes jobs, claimed or not. */
  void remove(String kind, Collection<Long> ids);

  /** Moves a job that nobody is working on to another time; false when it is claimed or gone. */
  boolean reschedule(String kind, long id, Instant runAt);

  /** Lets jobs that nobody is working on wait until they are woken. */
  void hold(String kind, Collection<Long> ids);

  /** Ends the hold of jobs: each is due at its time, or now where that has passed. */
  void wake(String kind, Map<Long, Instant> due);

  /** Has a lane's jobs that nobody is working on begin again: due now, with all their attempts. */
  void restart(String kind, long lane);

  /**
   * What is known of a job now.
   *
   * @param runAt when it is due; empty while it is held
   * @param claim who has it; empty while it waits
   */
  record Standing(
      Optional<Instant> runAt,
      Instant now,
      Optional<Claim> claim,
      int attempt,
      int counted,
      int crashes) {}

  /**
   * That a node has a job.
   *
   * @param leaseUntil when others may take it back
   */
  record Claim(Instant at, Instant leaseUntil) {}

  Optional<Standing> standing(String kind, long id);

  /**
   * What a new job of a lane would meet.
   *
   * @param ahead due jobs that wait in it; counted up to {@link #MOST_AHEAD}
   * @param nextPlace when its pace lets the next one start; empty where it has none
   */
  record Queued(long ahead, Optional<Instant> nextPlace, Instant now) {}

  int MOST_AHEAD = 100_000;

  Queued queued(String kind, long lane);

  /**
   * What a job that nobody has claimed has before it.
   *
   * @param ahead due jobs of its lane that go first; counted up to {@link #MOST_AHEAD}
   * @param first a job of its order that must end first; empty when it need not wait for any
   * @param nextPlace when its lane's pace lets the next one start; empty where it has none
   */
  record Turn(long ahead, OptionalLong first, Optional<Instant> nextPlace) {
    /** Of a job that is not in line. */
    public static final Turn NONE = new Turn(0, OptionalLong.empty(), Optional.empty());
  }

  Turn turn(String kind, long id);

  /** Whether so many of a lane and a priority are due; reads no more than it takes to know. */
  boolean hasDue(String kind, long lane, Priority priority, int atLeast);

  /** How many jobs wait, how many are claimed, and how old the oldest due one is, in seconds. */
  record Depth(long waiting, long scheduled, long claimed, double oldestDueSeconds) {}

  Depth depth(String kind);
}
