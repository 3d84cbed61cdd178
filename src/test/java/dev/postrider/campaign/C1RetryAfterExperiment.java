package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.DEFERRED;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.WahaSimulator.Mood;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** C1: 429 with every kind of Retry-After there is; the whole sender pauses. */
@Tag("fault")
class C1RetryAfterExperiment {
  @Test
  void comesNoEarlierThanToldAndNeverInABusyLoop() {
    try (Campaign run = Campaign.start("C1", Setup.quick(1))) {
      for (String told : List.of("5", "0", "-1", "soon", "", "3.5")) {
        Tenant tenant = run.tenant("told-" + told.replaceAll("[^0-9a-z]", "x"));
        run.provider().retryAfter(told);
        run.provider().next(Mood.STATUS_429);
        run.callers().all(List.of(run.op(tenant)));
        Campaign.until(() -> run.handedOff(tenant) == 1, ofSeconds(15));
      }
      Tenant dated = run.tenant("told-a-date");
      Instant at = Instant.now().plusSeconds(4);
      run.provider()
          .retryAfter(DateTimeFormatter.RFC_1123_DATE_TIME.format(at.atOffset(ZoneOffset.UTC)));
      run.provider().next(Mood.STATUS_429);
      run.callers().all(List.of(run.op(dated)));
      Campaign.until(() -> run.handedOff(dated) == 1, ofSeconds(15));
      assertThat(Instant.now())
          .isAfterOrEqualTo(at.truncatedTo(java.time.temporal.ChronoUnit.SECONDS));

      // The whole sender pauses: a storm of refusals is not one call a message.
      Tenant crowd = run.tenant("crowd");
      run.provider().retryAfter("4");
      run.provider().always(Mood.STATUS_429);
      int before = run.provider().calls();
      run.callers().all(run.ops(crowd, 200));
      Campaign.last(ofSeconds(9));
      assertThat(run.provider().calls() - before).as("calls in nine seconds").isLessThan(200);
      assertThat(run.provider().calls()).as("calls for the crowd").isGreaterThan(before);
      assertThat(begunWhileItWaits(run, crowd)).as("calls between 1 and 3.8 of 4 seconds").isZero();
      run.provider().always(Mood.FINE);
      Campaign.until(() -> run.handedOff(crowd) == 200, ofSeconds(60));

      // More than an hour is not believed, and any number of digits is only a number.
      for (String endless : List.of("999999999", "99999999999999999999")) {
        Tenant tenant = run.tenant("told-" + endless);
        run.provider().retryAfter(endless);
        run.provider().next(Mood.STATUS_429);
        long message =
            Objects.requireNonNull(run.callers().once(run.op(tenant), 1).messageId(), "refused");
        Campaign.until(() -> waitsOf(run, tenant) > 3500, ofSeconds(10));
        assertThat(waitsOf(run, tenant)).isLessThan(3700);
        assertThat(run.cancel(tenant, message)).as("canceled").isTrue();
      }
      run.quiesce();
      run.verdict().occurred(DEFERRED, 8).holds();
    }
  }

  /** What was under way when the first was told ends within a second. */
  private static int begunWhileItWaits(Campaign run, Tenant tenant) {
    return run.sql()
        .sql(
            """
            with told as (select min(finished_at) as at from attempts where app_id = :app)
            select count(*) from attempts, told
             where app_id = :app and started_at > told.at + interval '1 second'
               and started_at < told.at + interval '3.8 seconds'
            """)
        .param("app", tenant.app())
        .query(Integer.class)
        .single();
  }

  private static int waitsOf(Campaign run, Tenant tenant) {
    return run.sql()
        .sql(
            """
            select coalesce(max(extract(epoch from retry_at - finished_at)), 0) from attempts
             where app_id = ?
            """)
        .param(tenant.app())
        .query(Integer.class)
        .single();
  }
}
