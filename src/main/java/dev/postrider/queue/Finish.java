package dev.postrider.queue;

import java.time.Duration;

/** What becomes of a claimed job. */
public sealed interface Finish {
  Job job();

  /** There is nothing left to do: the row goes. */
  record Done(Job job) implements Finish {}

  /**
   * Again later, as urgent as the job says.
   *
   * @param after from the moment of the finish, by the database's clock
   * @param counts whether this attempt counts against the limit of attempts
   * @param ambiguous whether this attempt may have arrived
   */
  record Again(Job job, Duration after, boolean counts, boolean ambiguous) implements Finish {}

  /**
   * Back as if it had not been claimed: no attempt is burned.
   *
   * @param after from the moment of the finish; the job is due no earlier
   * @param keepsPlace whether those that came after it in its order wait for it all the same:
   *     because what holds it holds them, too
   */
  record Back(Job job, Duration after, boolean keepsPlace) implements Finish {}

  /** Back as if it had not been claimed, until somebody wakes it ({@link JobQueue#wake}). */
  record Hold(Job job) implements Finish {}

  /** Whether nothing was attempted: the job goes back as it came. */
  default boolean isUnstarted() {
    return this instanceof Back || this instanceof Hold;
  }
}
