package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.HOLD_PARKED;
import static dev.postrider.campaign.Tally.RECOVERED;
import static dev.postrider.campaign.Tally.RESCUED;
import static dev.postrider.campaign.Tally.UNTOLD;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A6: kill -9 of nodes and PostgreSQL together, again and again. */
@Tag("fault")
class A6EverythingKilledExperiment {
  @Test
  void losesNothing() {
    try (Campaign run = Campaign.start("A6", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      run.provider().takes(ofMillis(100));
      run.callers().start(100, n -> n % 4 == 0 ? run.op(shop).held() : run.op(shop));
      for (int round = 0; round < 4; round++) {
        Campaign.last(ofMillis(1500 + run.random().nextInt(1500)));
        run.nodes().parallelStream().forEach(Node::kill);
        run.killPostgres();
        long start = System.nanoTime();
        run.restartPostgres();
        run.reviveNodes();
        assertThat(System.nanoTime() - start)
            .as("two nodes and PostgreSQL start together")
            .isLessThan(ofSeconds(40).toNanos());
      }
      Campaign.last(ofSeconds(2));
      run.quiesce();
      run.verdict()
          .occurred(RESCUED, 5)
          .occurred(RECOVERED, 1)
          .occurred(HOLD_PARKED, 1)
          .atMost(UNTOLD, 0)
          .holds();
    }
  }
}
