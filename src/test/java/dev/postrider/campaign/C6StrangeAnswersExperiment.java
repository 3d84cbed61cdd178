package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.FAILED;
import static dev.postrider.campaign.Tally.UNCLEAR;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.WahaSimulator.Call;
import dev.postrider.simulator.WahaSimulator.Mood;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** C6: the provider says yes and means nothing by it. */
@Tag("fault")
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
      List<Op> held = new ArrayList<>();
      for (Mood mood : MEANINGLESS) {
        run.provider().next(mood);
        held.add(run.op(shop).held());
        run.callers().all(List.of(held.getLast()));
      }
      run.provider().next(Mood.REDIRECT);
      Op redirected = run.op(shop);
      run.callers().all(List.of(redirected));
      run.quiesce();
      // Nobody told what became of those: they are looked up in vain, and not sent again.
      assertThat(held).allSatisfy(op -> assertThat(attempts(run, op)).containsExactly("unclear"));
      assertThat(attempts(run, redirected)).containsExactly("deferred", "accepted");
      run.verdict().occurred(UNCLEAR, MEANINGLESS.size()).occurred(FAILED, held.size()).holds();
    }
  }

  private static List<String> attempts(Campaign run, Op op) {
    return run.sql()
        .sql(
            """
            select outcome from attempts join messages using (message_id)
             where message_content = ? order by attempt
            """)
        .param(op.name())
        .query((row, _) -> row.getString(1))
        .list();
  }

  /** Two messages, one id: a receipt for it reaches one of them, and no third one. */
  @Test
  void anIdThatIsUsedTwiceMixesNothingUp() {
    try (Campaign run = Campaign.start("C6-same-id", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      Tenant other = run.tenant("other");
      List<Call> taken = new CopyOnWriteArrayList<>();
      run.onTaken(taken::add);
      run.provider().next(Mood.FINE, Mood.SAME_ID);
      run.callers().all(List.of(run.op(shop)));
      // Whose it was first is known: the other one does not arrive in the same moment.
      Campaign.until(() -> run.handedOff(shop) == 1, ofSeconds(30));
      run.callers().all(List.of(run.op(shop)));
      run.callers().all(run.ops(other, 3));
      run.quiesce();
      assertThat(run.reports().report(taken.getFirst(), 3)).isEqualTo(200);
      assertThat(read(run)).as("whose messages were read").containsExactly(shop.app());
      run.verdict().holds();
    }
  }

  private static List<Long> read(Campaign run) {
    return run.sql()
        .sql("select app_id from messages where read_at is not null")
        .query((row, _) -> row.getLong(1))
        .list();
  }
}
