package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.ACKED;
import static dev.postrider.campaign.Tally.CIRCUITS_OPENED;
import static dev.postrider.campaign.Tally.DEFERRED;
import static dev.postrider.campaign.Tally.FAILED;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.WahaSimulator.Mood;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** C8: thousands of messages wait for a provider, and it comes back. */
@Tag("fault")
class C8MassRecoveryExperiment {
  private static final int WAITING = 4000;

  @Test
  void drainsWithoutDelayingAnotherSender() {
    try (Campaign run = Campaign.start("C8", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      Tenant other = run.tenant("other");
      run.provider().takes(ofMillis(20));
      run.provider().retryAfter("1");
      run.provider().moods(session -> session.equals("other") ? Mood.FINE : Mood.STATUS_503);
      run.callers().start(400, _ -> run.op(shop));
      Campaign.until(() -> stored(run) >= WAITING, ofSeconds(60));
      run.callers().rest();
      run.provider().always(Mood.FINE);
      run.hurt("heal", "provider");
      List<Op> fresh = run.ops(other, 40);
      long start = System.nanoTime();
      run.callers().all(fresh);
      Campaign.until(() -> run.handedOff(other) == 40, ofSeconds(10));
      assertThat(System.nanoTime() - start)
          .as("the other sender's forty messages, in the middle of the recovery")
          .isLessThan(ofSeconds(5).toNanos());
      Campaign.occurred("backlog when the forty were through", stored(run), 500);
      run.quiesce();
      // Few: a sender that was put off rests, and one call a node finds out when it is back.
      run.verdict()
          .occurred(ACKED, WAITING)
          .occurred(DEFERRED, 2)
          .occurred(CIRCUITS_OPENED, 1)
          .atMost(FAILED, 0)
          .holds();
    }
  }

  private static int stored(Campaign run) {
    return run.sql().sql("select count(*) from jobs").query(Integer.class).single();
  }
}
