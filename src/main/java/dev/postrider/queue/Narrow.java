package dev.postrider.queue;

import java.util.Map;

/**
 * That a lane may give a claim less than others.
 *
 * @param jobs how many at most
 * @param probe whether they only find out if their provider is back: then those go that were tried
 *     least, or the same one would use up its attempts for all
 */
public record Narrow(int jobs, boolean probe) {
  /** Nothing: it is paused, held, or has enough in hand. */
  public static final Narrow CLOSED = new Narrow(0, false);

  /** The one that finds out. */
  public static final Narrow PROBE = new Narrow(1, true);

  public static Narrow to(int jobs) {
    return new Narrow(jobs, false);
  }

  /** How many jobs a lane may give, if a lane that is not narrow gives so many. */
  static int of(Map<Long, Narrow> lanes, long lane, int otherwise) {
    Narrow narrow = lanes.get(lane);
    return narrow == null ? otherwise : Math.min(narrow.jobs(), otherwise);
  }

  static boolean isProbed(Map<Long, Narrow> lanes, long lane) {
    Narrow narrow = lanes.get(lane);
    return narrow != null && narrow.probe();
  }
}
