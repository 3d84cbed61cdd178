package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.INDETERMINATE;
import static dev.postrider.campaign.Tally.RECOVERY_MS_MAX;
import static dev.postrider.campaign.Tally.TOLD_MS_MAX;
import static java.time.Duration.ofMillis;

import dev.postrider.campaign.Campaign.Setup;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** B1: the service's sessions are terminated, one at random every 200 milliseconds. */
@Tag("fault")
class B1TerminatedBackendsExperiment {
  @Test
  void losesNothingAndAnswers503() {
    try (Campaign run = Campaign.start("B1", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      run.callers().start(100, _ -> run.op(shop));
      run.hurt("terminate", "sessions");
      int terminated = 0;
      for (int i = 0; i < 100; i++) {
        Campaign.last(ofMillis(200));
        terminated +=
            run.sql()
                .sql(
                    """
                    select count(pg_terminate_backend(pid)) from (
                      select pid from pg_stat_activity
                       where application_name = 'postrider' and datname = current_database()
                       order by random() limit 1) one
                    """)
                .query(Integer.class)
                .single();
      }
      run.hurt("heal", "sessions");
      Campaign.last(java.time.Duration.ofSeconds(2));
      run.quiesce();
      Campaign.occurred("terminated sessions", terminated, 50);
      run.verdict()
          .occurred(INDETERMINATE, 1)
          .atMost(RECOVERY_MS_MAX, 10_000)
          .atMost(TOLD_MS_MAX, 120_000)
          .holds();
    }
  }
}
