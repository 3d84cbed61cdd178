package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.CIRCUITS_OPENED;
import static dev.postrider.campaign.Tally.EXPIRED;
import static dev.postrider.campaign.Tally.FAILED;
import static dev.postrider.campaign.Tally.UNCLEAR;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.WahaSimulator.Mood;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** C2: the provider answers nothing but errors, for much longer than a message has attempts. */
@Tag("fault")
class C2ServerErrorsExperiment {
  @Test
  void failsNoMessageForAProviderThatIsDown() {
    try (Campaign run = Campaign.start("C2", Setup.quick(1))) {
      List<Mood> errors =
          List.of(Mood.STATUS_500, Mood.STATUS_502, Mood.STATUS_503, Mood.STATUS_504);
      Tenant shop = run.tenant("shop");
      Tenant other = run.tenant("other");
      run.provider()
          .moods(
              session -> session.equals("other") ? Mood.FINE : errors.get(run.random().nextInt(4)));
      run.callers().start(20, n -> n % 2 == 0 ? run.op(other) : hopeful(run, shop, n));
      Campaign.last(ofMinutes(2));
      int stormy = run.provider().calls();
      Campaign.last(ofSeconds(10));
      int calls = run.provider().calls() - stormy;
      run.quiesce();
      run.verdict()
          .occurred(UNCLEAR, 10)
          .occurred(CIRCUITS_OPENED, 1)
          .occurred(EXPIRED, 10)
          .atMost(FAILED, 0)
          .holds();
      assertThat(calls)
          .as("calls in ten seconds: a hundred of the other sender, and probes")
          .isLessThan(250);
    }
  }

  /** With few attempts; some cannot wait, either. */
  private static Op hopeful(Campaign run, Tenant shop, int n) {
    Op op = run.op(shop).tries(3);
    return n % 10 == 1 ? op.until(Instant.now().plusSeconds(4)) : op;
  }
}
