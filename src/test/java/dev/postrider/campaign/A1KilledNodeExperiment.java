package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.DUPLICATES_EXPLAINED;
import static dev.postrider.campaign.Tally.HOLD_PARKED;
import static dev.postrider.campaign.Tally.IN_ORDER;
import static dev.postrider.campaign.Tally.RESCUED;
import static dev.postrider.campaign.Tally.RESCUE_MS_MAX;
import static dev.postrider.campaign.Tally.TOLD_MS_MAX;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.postrider.campaign.Campaign.Setup;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A1: kill -9 of a node in the middle of its calls; the other one takes over. */
@Tag("fault")
class A1KilledNodeExperiment {
  @Test
  void losesNothingAndIsBackWithinLeaseAndSweep() {
    try (Campaign run = Campaign.start("A1", Setup.of(2))) {
      Tenant shop = run.tenant("shop");
      run.provider().takes(ofMillis(300));
      run.callers().start(150, n -> n % 5 == 0 ? run.op(shop).held() : run.op(shop));
      Campaign.last(ofSeconds(5));
      run.node(0).kill();
      Campaign.last(ofSeconds(5));
      run.node(0).start();
      run.quiesce();
      run.verdict()
          .occurred(RESCUED, 10)
          .occurred(DUPLICATES_EXPLAINED, 5)
          // What a node may run at once.
          .atMost(DUPLICATES_EXPLAINED, 64)
          .occurred(IN_ORDER, 100)
          .atMost(TOLD_MS_MAX, 120_000)
          .occurred(HOLD_PARKED, 1)
          .atMost(RESCUE_MS_MAX, 36_000)
          .holds();
    }
  }
}
