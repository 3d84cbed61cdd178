package dev.postrider.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.WahaSimulator.Call;
import dev.postrider.simulator.WahaSimulator.Mood;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * D3: receipts for ids that are not known yet: of a send whose answer never came, and of a message
 * that nobody sent.
 */
@Tag("fault")
class D3OrphanReceiptsExperiment {
  @Test
  void waitForTheirMessageAndAreTakenMeanwhile() {
    try (Campaign run = Campaign.start("D3", Setup.quick(2))) {
      Tenant shop = run.tenant("chosen", "\"choose_ids\":true");
      List<Call> taken = new CopyOnWriteArrayList<>();
      run.onTaken(call -> {
        taken.add(call);
        assertThat(run.reports().report(call, 2)).as("before its send is answered").isEqualTo(200);
      });
      for (int i = 0; i < 10; i++) {
        run.provider().next(Mood.TAKE_AND_RESET);
        run.callers().all(List.of(run.op(shop).held()));
      }
      run.callers().all(run.ops(shop, 10));
      Call stranger =
          new Call(
              Instant.now(),
              shop.session(),
              "4915100000000@c.us",
              "",
              Mood.FINE,
              "3EB0FFFF",
              "",
              "");
      assertThat(run.reports().report(stranger, 3)).as("for an unknown id").isEqualTo(200);
      run.quiesce();
      Campaign.occurred("early receipts", taken.size(), 20);
      run.verdict().holds();
      assertThat(
              run.sql()
                  .sql("select count(*) from messages where delivered_at is null")
                  .query(Integer.class)
                  .single())
          .as("messages whose early receipt did not find them")
          .isZero();
    }
  }
}
