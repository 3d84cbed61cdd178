package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.UNCLEAR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.WahaSimulator.Mood;
import java.util.List;
import org.junit.jupiter.api.Test;

/** C6: the provider says yes and means nothing by it. */
class C6StrangeAnswersExperiment {
  private static final List<Mood> MEANINGLESS =
      List.of(
          Mood.HTML,
          Mood.EMPTY,
          Mood.NO_ID,
          Mood.WRONG_TYPES,
          Mood.DUPLICATE_KEYS,
          Mood.NO_STATUS_LINE);

  @Test
  void handsNothingOffWithoutAnId() {
    try (Campaign run = Campaign.start("C6", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      for (Mood mood : MEANINGLESS) {
        run.provider().next(mood);
        run.callers().all(List.of(run.op(shop).held()));
      }
      run.provider().next(Mood.REDIRECT);
      run.callers().all(List.of(run.op(shop)));
      int before = run.provider().calls();
      run.quiesce();
      assertThat(run.provider().calls()).isGreaterThanOrEqualTo(before);
      assertThat(
              run.sql()
                  .sql(
                      """
                      select count(*) from messages
                       where dispatch = 'handed_off' and provider_message_id is null
                      """)
                  .query(Integer.class)
                  .single())
          .isZero();
      run.verdict().occurred(UNCLEAR, MEANINGLESS.size()).holds();
    }
  }

  /** Two messages, one id: a receipt for it reaches one of them, and no third one. */
  @Test
  void anIdThatIsUsedTwiceMixesNothingUp() {
    try (Campaign run = Campaign.start("C6-same-id", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      Tenant other = run.tenant("other");
      run.provider().next(Mood.FINE, Mood.SAME_ID);
      run.callers().all(List.of(run.op(shop)));
      run.callers().all(List.of(run.op(shop)));
      run.callers().all(run.ops(other, 3));
      run.quiesce();
      run.verdict().holds();
    }
  }
}
