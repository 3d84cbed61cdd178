package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.ANSWERED_503;
import static dev.postrider.campaign.Tally.RECOVERY_MS_MAX;
import static dev.postrider.campaign.Tally.TOLD_MS_MAX;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * B4: the database goes silent: no reset, no answer. Connections that were open stay silent for
 * ever, as when a host dies and another takes its address.
 */
@Tag("fault")
class B4SilentDatabaseExperiment {
  @Test
  void answersWithinTwoSecondsAndIsBackWithinTen() {
    try (Campaign run = Campaign.start("B4", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      run.callers().start(60, _ -> run.op(shop));
      for (int silent : new int[] {6, 40}) {
        Campaign.last(ofSeconds(12));
        run.nodes().forEach(node -> node.wire().blackhole());
        run.hurt("blackhole", "database");
        Campaign.last(ofSeconds(4));
        for (int i = 0; i < 10; i++) {
          long start = System.nanoTime();
          run.callers().once(run.op(shop).withKey(null), 1);
          assertThat(System.nanoTime() - start)
              .as("a refusal while the database is silent")
              .isLessThan(ofSeconds(2).toNanos());
          Campaign.last(ofMillis(100));
        }
        Campaign.last(ofSeconds(silent));
        run.healWires();
      }
      Campaign.last(ofSeconds(11));
      run.quiesce();
      run.verdict()
          .occurred(ANSWERED_503, 20)
          .atMost(RECOVERY_MS_MAX, 10_000)
          .atMost(TOLD_MS_MAX, 120_000)
          .holds();
    }
  }
}
