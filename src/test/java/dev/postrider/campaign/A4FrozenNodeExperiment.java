package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.DUPLICATES_EXPLAINED;
import static dev.postrider.campaign.Tally.FENCED;
import static dev.postrider.campaign.Tally.HOLD_PARKED;
import static dev.postrider.campaign.Tally.IN_ORDER;
import static dev.postrider.campaign.Tally.RESCUED;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.campaign.Reports.Habit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A4: a node stands still (SIGSTOP), within its leases and beyond them. */
@Tag("fault")
class A4FrozenNodeExperiment {
  @Test
  void aShortPauseRepeatsNothing() {
    try (Campaign run = Campaign.start("A4-short", Setup.quick(2))) {
      freeze(run, 8);
      run.verdict()
          .atMost(RESCUED, 0)
          .atMost(DUPLICATES_EXPLAINED, 0)
          .occurred(IN_ORDER, 100)
          .holds();
    }
  }

  @Test
  void aLongPauseIsFencedAndItsReceiptsCount() {
    try (Campaign run = Campaign.start("A4-long", Setup.quick(2))) {
      freeze(run, 30);
      run.verdict().occurred(FENCED, 3).occurred(HOLD_PARKED, 1).holds();
    }
  }

  private static void freeze(Campaign run, int seconds) {
    Tenant shop = run.tenant("shop");
    run.reports().habit(Habit.PLAIN);
    run.provider().takes(ofMillis(300));
    run.callers().start(80, n -> n % 3 == 0 ? run.op(shop).held() : run.op(shop));
    Campaign.last(ofSeconds(3));
    run.node(0).freeze();
    Campaign.last(ofSeconds(seconds));
    run.node(0).thaw();
    Campaign.last(ofSeconds(2));
    run.quiesce();
  }
}
