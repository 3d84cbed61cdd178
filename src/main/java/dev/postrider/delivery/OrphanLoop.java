package dev.postrider.delivery;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.time.Duration;

/**
 * Joins receipts that crossed with the end of their attempt, and drops those nobody ever claims.
 */
@Wired
public class OrphanLoop implements Loop {
  private static final int BATCH = 200;
  private final ApplyReceipts receipts;
  private final OrphanStore orphans;
  private final DeliverySettings settings;

  public OrphanLoop(ApplyReceipts receipts, OrphanStore orphans, DeliverySettings settings) {
    this.receipts = receipts;
    this.orphans = orphans;
    this.settings = settings;
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(1);
  }

  @Override
  public int runOnce() {
    int joined = receipts.joinCrossed(BATCH);
    return joined + orphans.purge(settings.orphansFor());
  }
}
