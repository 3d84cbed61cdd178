package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.UNCLEAR;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.message.Dispatch;
import dev.postrider.simulator.WahaSimulator.Mood;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** C4: answers that never end, and one that unpacks to a thousand times its size. */
@Tag("fault")
class C4EndlessAnswersExperiment {
  private static final List<Mood> MOODS =
      List.of(
          Mood.DRIP,
          Mood.TAKE_AND_SILENCE,
          Mood.ENDLESS_HEADERS,
          Mood.ENDLESS_BODY,
          Mood.ENDLESS_CHUNKS,
          Mood.GZIP_BOMB,
          Mood.CONTINUE_FLOOD);

  private static final int DOOMED = 35;

  @Test
  void endsEveryCallAtItsDeadlineAndHoldsNobodyElseUp() {
    try (Campaign run = Campaign.start("C4", Setup.quick(1))) {
      for (Mood mood : MOODS) {
        run.tenant(mood.name());
      }
      Tenant other = run.tenant("other");
      run.provider()
          .moods(session ->
              session.equals("other") ? Mood.FINE : Mood.valueOf(session.replace('-', '_')));
      List<Tenant> endless = MOODS.stream().map(mood -> run.known(mood.name())).toList();
      for (Tenant tenant : endless) {
        run.callers().all(run.ops(tenant, 5).stream().map(op -> op.tries(1)).toList());
      }
      run.callers().all(run.ops(other, 50));
      Instant told = Instant.now();
      Campaign.until(() -> run.handedOff(other) == 50, ofSeconds(5));
      assertThat(Instant.now()).as("the other sender").isBefore(told.plusSeconds(5));
      Campaign.until(() -> run.standing(Dispatch.FAILED) == DOOMED, ofSeconds(40));
      assertThat(longest(run)).as("the longest call, in seconds").isLessThan(17);
      run.quiesce();
      run.verdict().occurred(UNCLEAR, DOOMED).holds();
    }
  }

  private static double longest(Campaign run) {
    return run.sql()
        .sql("select max(extract(epoch from finished_at - started_at)) from attempts")
        .query(Double.class)
        .single();
  }
}
