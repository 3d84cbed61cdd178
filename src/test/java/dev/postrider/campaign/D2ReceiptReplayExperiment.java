package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.RECEIPTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.WahaSimulator.Call;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** D2: the same receipt a thousand times, each time in a callback of its own. */
@Tag("fault")
class D2ReceiptReplayExperiment {
  @Test
  void isOneEventAndTheTablesDoNotGrow() {
    try (Campaign run = Campaign.start("D2", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      List<Call> taken = new CopyOnWriteArrayList<>();
      run.onTaken(taken::add);
      run.callers().all(run.ops(shop, 2));
      run.quiesce();
      for (int i = 0; i < 1000; i++) {
        assertThat(run.reports().report(taken.get(i % 2), 2 + i % 2)).isEqualTo(200);
      }
      run.verdict().occurred(RECEIPTS, 1000).holds();
      assertThat(
              run.sql()
                  .sql("select count(*) from message_logs where event like 'receipt.%'")
                  .query(Integer.class)
                  .single())
          .as("log rows of receipts: one a message and kind")
          .isLessThanOrEqualTo(4);
      assertThat(
              run.sql().sql("select count(*) from orphan_receipts").query(Integer.class).single())
          .isZero();
    }
  }
}
