package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.DUPLICATES_EXPLAINED;
import static dev.postrider.campaign.Tally.IN_ORDER;
import static dev.postrider.campaign.Tally.REJECTED;
import static dev.postrider.campaign.Tally.RESCUED;
import static dev.postrider.campaign.Tally.TOLD_MS_MAX;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A2: SIGTERM under load, over and over, one node after the other. */
@Tag("fault")
class A2RollingRestartExperiment {
  private static final int RESTARTS = 20;

  @Test
  void repeatsNothingAndBurnsNoAttempt() {
    try (Campaign run = Campaign.start("A2", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      run.provider().takes(ofMillis(150));
      run.callers().start(100, _ -> run.op(shop));
      for (int i = 0; i < RESTARTS; i++) {
        Campaign.last(ofSeconds(1));
        Node node = run.node(i % 2);
        long start = System.nanoTime();
        assertThat(node.stop()).as("exit code").isZero();
        assertThat(System.nanoTime() - start).isLessThan(ofSeconds(26).toNanos());
        node.start();
      }
      run.quiesce();
      Campaign.occurred("drains", run.logged("queue.drained"), RESTARTS);
      run.verdict()
          .atMost(DUPLICATES_EXPLAINED, 0)
          .atMost(RESCUED, 0)
          .atMost(TOLD_MS_MAX, 120_000)
          .atMost(REJECTED, 0)
          .occurred(IN_ORDER, 1000)
          .holds();
      assertThat(run.mostAttempts()).as("attempts a message").isEqualTo(1);
    }
  }
}
