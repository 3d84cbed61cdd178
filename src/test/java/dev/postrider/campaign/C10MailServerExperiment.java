package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.CIRCUITS_OPENED;
import static dev.postrider.campaign.Tally.DEFERRED;
import static dev.postrider.campaign.Tally.EXPIRED;
import static dev.postrider.campaign.Tally.HOLD_PARKED;
import static dev.postrider.campaign.Tally.RESCUED;
import static dev.postrider.campaign.Tally.UNCLEAR;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.MailSimulator;
import dev.postrider.simulator.MailSimulator.Mood;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * C10: a mail server that is closed, full, without its tables, that greylists, hangs up at every
 * place, takes a mail and is silent for its minute; and one from whose offers STARTTLS was
 * stripped.
 */
@Tag("fault")
class C10MailServerExperiment {
  private static final int STRIPPED = 20;
  private static final int FEW_TRIES = 3;

  /** Few: each takes a place at its sender until its time is up. */
  private static final int SILENT = 3;

  private static final List<Mood> OUTAGE =
      List.of(
          Mood.CLOSED,
          Mood.FULL_DISK,
          Mood.NO_TABLES,
          Mood.lost("MAIL"),
          Mood.lost("RCPT"),
          Mood.lost("DATA"),
          Mood.LOSES_THE_REST);

  private static final List<Mood> ALL =
      Stream.concat(
              OUTAGE.stream(),
              Stream.of(
                  Mood.FINE, Mood.GREYLISTS, Mood.REFUSES_AND_IS_GONE, Mood.TAKES_AND_IS_GONE))
          .toList();

  @Test
  void knowsWhatWasSentAndFailsNobodyForAServerThatIsOutOfOrder() {
    try (Campaign run = Campaign.start("C10", Setup.quick(1));
        MailSimulator mail = new MailSimulator();
        MailSimulator stripped = new MailSimulator()) {
      Tenant shop = run.tenant("shop", mail, "none");
      Tenant strict = run.tenant("strict", stripped, "starttls");
      AtomicInteger conversations = new AtomicInteger();
      mail.moods(() ->
          conversations.incrementAndGet() <= SILENT
              ? Mood.TAKES_AND_IS_SILENT
              : run.random().nextBoolean() ? Mood.FINE : ALL.get(run.random().nextInt(ALL.size())));
      run.hurt("moods", "mail server");
      run.callers().start(30, n -> n % 3 == 0 ? op(run, shop, n).held() : op(run, shop, n));
      Campaign.last(ofSeconds(20));
      run.callers().rest();
      Instant soon = Instant.now().plusSeconds(6);
      for (int n = 0; n < STRIPPED; n++) {
        run.callers().submit(op(run, strict, n).until(soon));
      }
      run.hurt("outage", "mail server");
      mail.moods(() -> OUTAGE.get(run.random().nextInt(OUTAGE.size())));
      run.callers().start(20, n -> op(run, shop, n).tries(FEW_TRIES));
      Campaign.last(ofSeconds(30));
      run.callers().rest();
      mail.moods(() -> Mood.FINE);
      run.quiesce();
      run.verdict()
          .occurred(UNCLEAR, 10)
          .occurred(DEFERRED, 50)
          .occurred(HOLD_PARKED, 3)
          .occurred(CIRCUITS_OPENED, 1)
          .occurred(EXPIRED, STRIPPED)
          .atMost(RESCUED, 0)
          .holds();
      assertThat(stripped.mails()).as("mails without TLS").isZero();
      assertThat(failedInTheOutage(run)).isZero();
    }
  }

  private static Op op(Campaign run, Tenant tenant, int n) {
    return run.op(tenant).to("somebody" + n % 400 + "@example.org");
  }

  private static int failedInTheOutage(Campaign run) {
    return run.sql()
        .sql("select count(*) from messages where max_attempts = ? and dispatch = 'failed'")
        .param(FEW_TRIES)
        .query(Integer.class)
        .single();
  }
}
