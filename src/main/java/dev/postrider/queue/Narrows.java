package dev.postrider.queue;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What may give a claim less than others.
 *
 * @param lanes by lane
 * @param fullApps applications of which nothing more starts until one of its runs has ended: only
 *     those of their lanes that stand in {@code lanes} give anything
 */
public record Narrows(Map<Long, Narrow> lanes, Set<Long> fullApps) {
  public static final Narrows NONE = new Narrows(Map.of(), Set.of());

  private @Nullable Narrow of(long lane, long app) {
    Narrow narrow = lanes.get(lane);
    return narrow == null && fullApps.contains(app) ? Narrow.FULL : narrow;
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
