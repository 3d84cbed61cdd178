package dev.postrider.queue;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a kind of job does.
 *
 * @param <W> what a job needs to run, loaded when it is claimed
 */
public interface JobHandler<W> {
  String kind();

  /** A job and what it needs. */
  record Work<W>(Job job, W payload) {}

  /** Lanes from which nothing may start now. Asked for every claim, so it must answer at once. */
  default Set<Long> heldLanes() {
    return Set.of();
  }

  /** Lanes that may start only so many in a time. Asked for every claim, so it answers at once. */
  default Map<Long, Pace> paces() {
    return Map.of();
  }

  /**
   * Whether its runs wait for somebody else. Those that only ask our own database need none of the
   * places that are kept for what may take long.
   */
  default boolean mayTakeLong() {
    return true;
  }

  /** Whether a new job of this lane may not start at once. */
  default boolean isHeld(long lane) {
    return heldLanes().contains(lane);
  }

  /**
   * Inside the claim's transaction: records that these are being worked on and loads what they
   * need. A job that is left out has lost its subject and is dropped.
   */
  List<Work<W>> claimed(List<Job> jobs);

  /**
   * Outside any transaction. Must hand in a {@link Finish} for the job, sooner or later, and say
   * {@link Dispatcher#done} afterwards. After what it throws, the job's lease runs out. A job that
   * is too late, or must go back with one before it, only goes back: it may run beside more of its
   * lane than there are places.
   */
  void run(Work<W> work);

  /**
   * Inside the claim's transaction: these were due, and wait on until then, because another one of
   * their order goes first.
   */
  default void moved(List<JobQueue.Moved> jobs) {}

  /** Inside the release's transaction: these were claimed but never started. */
  void released(List<Job> jobs);

  /**
   * Inside the rescue's transaction: the lease of these ran out. Each is already due again; the
   * handler removes those that must not run again.
   */
  void rescued(List<JobQueue.Expired> jobs);
}
