package dev.postrider.queue;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What may give a claim less than others.
 *
 * @param lanes by lane
 * @param fullApps applications of which nothing that may take long starts until a run has ended
 * @param quick lanes of which is known that they take no place for what may take long
 */
public record Narrows(Map<Long, Narrow> lanes, Set<Long> fullApps, Set<Long> quick) {
  public static final Narrows NONE = new Narrows(Map.of(), Set.of(), Set.of());

  private @Nullable Narrow of(long lane, long app) {
    Narrow narrow = lanes.get(lane);
    boolean givesNothing = narrow != null && narrow.jobs() == 0;
    return !givesNothing && fullApps.contains(app) && !quick.contains(lane) ? Narrow.FULL : narrow;
  }

  /** How many jobs a lane may give, if a lane that is not narrow gives so many. */
  int of(long lane, long app, int otherwise) {
    Narrow narrow = of(lane, app);
    return narrow == null ? otherwise : Math.min(narrow.jobs(), otherwise);
  }

  /** Whether the end of a run may change that a lane gives nothing. */
  boolean isFull(long lane, long app) {
    Narrow narrow = of(lane, app);
    return narrow != null && narrow.full();
  }

  /** Whether the jobs of a lane only find out if its provider is back. */
  boolean isProbed(long lane) {
    Narrow narrow = lanes.get(lane);
    return narrow != null && narrow.probe();
  }
}
