package dev.postrider.stats;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.time.Duration;

/** Folds counted changes into their hours. */
@Wired
class FoldLoop implements Loop {
  private static final int BATCH = 5000;
  private final StatsStore store;

  FoldLoop(StatsStore store) {
    this.store = store;
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(5);
  }

  @Override
  public int runOnce() {
    int folded = store.fold(BATCH);
    return folded == BATCH ? folded : 0;
  }
}
