package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.ACKED;
import static dev.postrider.campaign.Tally.ANSWERED_429;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.campaign.Journals.Sampled;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * E2: more than it can take, for a while. How much it still does is the bench's to measure
 * (docs/performance.md); here nothing that was acknowledged is lost, and memory stays flat.
 */
@Tag("fault")
class E2OverloadExperiment {
  @Test
  void refusesAtOnceKeepsItsMemoryAndLosesNothing() {
    Setup small =
        Setup.quick(1)
            .options("--postrider.message.accept-buffer=64", "--postrider.message.accept-batch=8");
    try (Campaign run = Campaign.start("E2", small)) {
      Tenant shop = run.tenant("shop");
      long most = 0;
      run.callers().start(100, _ -> run.op(shop));
      Campaign.last(ofSeconds(8));
      run.callers().rest();
      long before = residentMib(run.node(0));
      run.node(0).wire().delay(java.time.Duration.ofMillis(10));
      run.callers().start(900, _ -> run.op(shop).withKey(null));
      for (int i = 0; i < 15; i++) {
        Campaign.last(ofSeconds(1));
        most = Math.max(most, residentMib(run.node(0)));
      }
      run.callers().rest();
      run.node(0).wire().delay(java.time.Duration.ZERO);
      run.hurt("heal", "load");
      long start = System.nanoTime();
      run.callers().all(run.ops(shop, 20));
      assertThat(System.nanoTime() - start)
          .as("twenty callers, right after the overload")
          .isLessThan(ofSeconds(3).toNanos());
      run.quiesce();
      run.verdict().occurred(ACKED, 1000).occurred(ANSWERED_429, 50).holds();
      assertThat(most).as("resident MiB, %s before", before).isLessThan(before + 150);
    }
  }

  private static long residentMib(Node node) {
    return Watch.sample(node.name(), node.pid()).map(Sampled::residentMib).orElseThrow();
  }
}
