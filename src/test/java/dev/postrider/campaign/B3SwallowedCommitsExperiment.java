package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.RECOVERED;
import static dev.postrider.campaign.Tally.RESCUED;
import static dev.postrider.campaign.Tally.TOLD_MS_MAX;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.postrider.campaign.Campaign.Setup;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * B3: COMMITs happen, and the word of it is lost: of accepting, claiming and finishing alike,
 * whichever comes next.
 */
@Tag("fault")
class B3SwallowedCommitsExperiment {
  @Test
  void knowsAgainWhatItDidNotKnow() {
    try (Campaign run = Campaign.start("B3", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      run.callers().start(60, n -> n % 4 == 0 ? run.op(shop).held() : run.op(shop));
      for (int i = 0; i < 60; i++) {
        Campaign.last(ofMillis(250));
        run.hurt("swallow", "commit of node-" + i % 2);
        run.node(i % 2).wire().swallowCommits(1);
      }
      Campaign.last(ofSeconds(2));
      run.quiesce();
      int swallowed = run.nodes().stream().mapToInt(it -> it.wire().commitsSwallowed()).sum();
      Campaign.occurred("swallowed commits", swallowed, 30);
      run.verdict()
          .occurred(RECOVERED, 5)
          .occurred(RESCUED, 5)
          .atMost(TOLD_MS_MAX, 120_000)
          .holds();
    }
  }
}
