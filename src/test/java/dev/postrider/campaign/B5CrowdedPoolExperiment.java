package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.ACKED;
import static dev.postrider.campaign.Tally.ANSWERED_429;
import static dev.postrider.campaign.Tally.RECEIPTS;
import static dev.postrider.campaign.Tally.RESCUED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.campaign.Reports.Habit;
import dev.postrider.testing.Api;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** B5: a thousand callers at once, their receipts, and reports over everything, on slow wires. */
@Tag("fault")
class B5CrowdedPoolExperiment {
  @Test
  void losesNoLeaseToACrowd() throws Exception {
    try (Campaign run = Campaign.start("B5", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      run.reports().habit(Habit.PLAIN);
      run.node(0).wire().delay(java.time.Duration.ofMillis(5));
      List<Thread> readers = new ArrayList<>();
      List<String> broken = new CopyOnWriteArrayList<>();
      for (int i = 0; i < 50; i++) {
        readers.add(Thread.ofVirtual().start(() -> read(run, shop, broken)));
      }
      run.callers().all(run.ops(shop, 1000));
      run.callers().all(run.ops(shop, 1000));
      for (Thread reader : readers) {
        reader.join();
      }
      assertThat(broken).as("answers that readers may not get").isEmpty();
      run.quiesce();
      run.verdict()
          .occurred(ACKED, 2000)
          .occurred(ANSWERED_429, 100)
          .occurred(RECEIPTS, 500)
          .atMost(RESCUED, 0)
          .holds();
    }
  }

  private static void read(Campaign run, Tenant shop, List<String> broken) {
    for (int i = 0; i < 20; i++) {
      Api.Answer list =
          run.node(0).api().as(shop.key()).get(shop.messages() + "?status=pending&limit=200");
      Api.Answer report = run.node(0).api().as(shop.key()).get("/api/metrics/" + shop.app());
      for (Api.Answer answer : List.of(list, report)) {
        if (answer.status() >= 500 && answer.status() != 503) {
          broken.add(answer.body());
        }
      }
    }
  }
}
