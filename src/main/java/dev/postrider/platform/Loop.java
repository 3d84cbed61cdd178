package dev.postrider.platform;

import java.time.Duration;

/** Work that comes back by itself. Only {@link LoopRunner} sleeps between two runs. */
public interface Loop {
  /** How long to wait when there was nothing to do. */
  Duration every();

  /**
   * Does what there is to do now; returns how much that was. More than none: runs again at once.
   */
  int runOnce();

  /** Whether the work that is under way when the node is stopped cannot end without it. */
  default boolean isNeededToTheEnd() {
    return false;
  }
}
