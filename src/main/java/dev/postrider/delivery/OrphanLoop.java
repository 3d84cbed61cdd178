package dev.postrider.delivery;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.time.Duration;

/** Joins receipts that crossed with the end of their attempt. */
@Wired
public class OrphanLoop implements Loop {
  private static final int BATCH = 200;
  private final ApplyReceipts receipts;

  public OrphanLoop(ApplyReceipts receipts) {
    this.receipts = receipts;
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(1);
  }

  @Override
  public int runOnce() {
    return receipts.joinCrossed(BATCH);
  }
}
