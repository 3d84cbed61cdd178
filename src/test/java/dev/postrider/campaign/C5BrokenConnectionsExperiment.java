package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.DEFERRED;
import static dev.postrider.campaign.Tally.HOLD_PARKED;
import static dev.postrider.campaign.Tally.UNCLEAR;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.WahaSimulator.Mood;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * C5: the wire to the provider breaks: before the connection, in the middle of the request, after
 * it, in the middle of the answer.
 */
@Tag("fault")
class C5BrokenConnectionsExperiment {
  @Test
  void knowsWhatMayHaveArrivedFromWhatCannotHave() {
    try (Campaign run = Campaign.start("C5", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      run.callers().start(60, n -> n % 3 == 0 ? run.op(shop).held() : run.op(shop));
      for (int round = 0; round < 12; round++) {
        Campaign.last(ofMillis(700));
        run.hurt("break", "provider wire");
        switch (round % 4) {
          case 0 -> {
            run.providerWire().refuse();
            Campaign.last(ofMillis(400));
            run.providerWire().heal();
          }
          case 1 -> run.providerWire().breakRequests(3);
          case 2 -> run.providerWire().breakAnswers(3);
          default -> run.provider().next(Mood.TAKE_AND_RESET, Mood.RESET, Mood.TAKE_AND_RESET);
        }
      }
      Campaign.last(ofSeconds(2));
      run.quiesce();
      run.verdict().occurred(UNCLEAR, 10).occurred(DEFERRED, 3).occurred(HOLD_PARKED, 1).holds();
    }
  }
}
