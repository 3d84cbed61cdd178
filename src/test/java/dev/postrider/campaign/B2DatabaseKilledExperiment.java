package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.ANSWERED_503;
import static dev.postrider.campaign.Tally.RECOVERY_MS_MAX;
import static dev.postrider.campaign.Tally.TOLD_MS_MAX;
import static java.time.Duration.ofSeconds;

import dev.postrider.campaign.Campaign.Setup;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** B2: PostgreSQL is killed, and stays away for a second, then for twenty. */
@Tag("fault")
class B2DatabaseKilledExperiment {
  @Test
  void losesNothingAndIsBackWithinTenSeconds() {
    try (Campaign run = Campaign.start("B2", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      run.callers().start(100, _ -> run.op(shop));
      for (int away : new int[] {1, 20}) {
        Campaign.last(ofSeconds(11)); // so long each node may take to be back
        run.killPostgres();
        Campaign.last(ofSeconds(away));
        run.restartPostgres();
      }
      Campaign.last(ofSeconds(11));
      run.quiesce();
      run.verdict()
          .occurred(ANSWERED_503, 50)
          .atMost(RECOVERY_MS_MAX, 10_000)
          .atMost(TOLD_MS_MAX, 120_000)
          .holds();
    }
  }
}
