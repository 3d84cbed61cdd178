package dev.postrider.queue;

/**
 * That a lane may give a claim less than others.
 *
 * @param jobs how many at most
 * @param probe whether they only find out if their provider is back: then those go that were tried
 *     least, or the same one would use up its attempts for all
 * @param full whether the end of a run may change that
 */
public record Narrow(int jobs, boolean probe, boolean full) {
  /** Nothing: it is paused, or held. */
  public static final Narrow CLOSED = new Narrow(0, false, false);

  /** Nothing, until some of what it has in hand has ended. */
  public static final Narrow FULL = new Narrow(0, false, true);

  /** The one that finds out. */
  public static final Narrow PROBE = new Narrow(1, true, false);

  public static Narrow to(int jobs) {
    return jobs == 0 ? FULL : new Narrow(jobs, false, false);
  }
}
