package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.FENCED;
import static dev.postrider.campaign.Tally.HOLD_PARKED;
import static dev.postrider.campaign.Tally.RESCUED;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.postrider.campaign.Campaign.Setup;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A3: a node comes back from standing still at the very moment its leases run out, and finishes
 * what the other one is just taking back.
 */
@Tag("fault")
class A3FinishRacesRescueExperiment {
  @Test
  void neverOverwritesAnEnd() {
    Setup setup = Setup.quick(2).overlay(PatchedBuild.of("short-calls", Scenario.SHORT_CALLS));
    try (Campaign run = Campaign.start("A3", setup)) {
      Tenant shop = run.tenant("shop");
      run.provider().takes(ofMillis(400));
      run.callers().start(100, n -> n % 3 == 0 ? run.op(shop).held() : run.op(shop));
      for (int round = 0; round < 3; round++) {
        Campaign.last(ofSeconds(2));
        run.node(round % 2).freeze();
        // Lease 17 s, sweep 1 s: the oldest leases end now, the youngest in a second.
        Campaign.last(ofMillis(16_500 + run.random().nextInt(1500)));
        run.node(round % 2).thaw();
        run.snapshot();
      }
      run.quiesce();
      run.verdict().occurred(RESCUED, 5).occurred(FENCED, 1).occurred(HOLD_PARKED, 1).holds();
    }
  }
}
