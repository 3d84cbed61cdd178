package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.RECEIPTS;
import static dev.postrider.campaign.Tally.RECEIPTS_OUT_OF_ORDER;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.campaign.Reports.Habit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * D1 and D3: receipts in any order and number, on two nodes, some before their send is answered.
 */
@Tag("fault")
class D1ReceiptOrderExperiment {
  @Test
  void endsInTheHighestOfThem() {
    try (Campaign run = Campaign.start("D1", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      run.reports().habit(Habit.WILD);
      run.provider().takes(ofMillis(30));
      run.callers().start(80, _ -> run.op(shop));
      Campaign.last(ofSeconds(12));
      run.quiesce();
      Campaign.occurred("early receipts", run.reports().early(), 20);
      run.verdict().occurred(RECEIPTS, 500).occurred(RECEIPTS_OUT_OF_ORDER, 100).holds();
    }
  }
}
