package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.FAILED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.WahaSimulator.Mood;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** C3: the provider will not have some of the messages. */
@Tag("fault")
class C3RejectionsExperiment {
  @Test
  void failsThemAtOnceAndGoesOnWithTheRest() {
    try (Campaign run = Campaign.start("C3", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      for (Mood mood : List.of(Mood.STATUS_400, Mood.STATUS_413, Mood.STATUS_422)) {
        run.provider().next(mood);
        run.callers().all(List.of(run.op(shop)));
        run.callers().all(run.ops(shop, 5));
      }
      run.quiesce();
      run.verdict().occurred(FAILED, 3).atMost(FAILED, 3).holds();
      assertThat(run.mostAttempts()).as("one attempt each").isEqualTo(1);
    }
  }
}
