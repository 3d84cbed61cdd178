package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** When a message goes: at its time, outside quiet hours, before its deadline, not while paused. */
class TimesE2ETest {
  private final RunningService service = RunningService.shared();

  private static String body(String more) {
    return "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"" + more + "}";
  }

  private static JsonNode explain(TestApp app, long id) {
    return app.api().get(app.path() + "/" + id + "/explain").data();
  }

  /** UTC's wall clock, shifted: quiet hours are told in it. */
  private static String clock(Duration fromNow) {
    return LocalDateTime.ofInstant(Instant.now(), ZoneOffset.UTC)
        .plus(fromNow)
        .truncatedTo(ChronoUnit.MILLIS)
        .toLocalTime()
        .toString();
  }

  private Instant quiet(TestApp app, Duration left) {
    Instant end = Instant.now().plus(left);
    Api.Answer answer =
        service
            .admin()
            .put(
                "/api/applications/" + app.id() + "/policy",
                "{\"quiet_hours\":{\"start\":\""
                    + clock(Duration.ofHours(-1))
                    + "\",\"end\":\""
                    + clock(left)
                    + "\",\"time_zone\":\"UTC\"}}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return end;
  }

  @Test
  void aLocalTimeIsReadByTheClockOfItsZone() {
    TestApp app = service.sandboxApp();
    LocalDateTime noon = LocalDateTime.now(ZoneOffset.UTC).plusDays(40).withHour(12);
    Instant wanted = noon.atZone(java.time.ZoneId.of("America/Sao_Paulo")).toInstant();
    long id =
        app.api()
            .message(
                app.id(),
                body(
                    ",\"scheduled_for\":\""
                        + noon
                        + "\",\"time_zone\":\"America/Sao_Paulo\",\"ttl_seconds\":60"));
    JsonNode shown = app.api().show(app.id(), id);
    assertThat(shown.path("status").asString()).isEqualTo("scheduled");
    assertThat(Instant.parse(shown.path("scheduled_for").asString()))
        .isCloseTo(wanted, org.assertj.core.api.Assertions.within(1, ChronoUnit.MILLIS));
    assertThat(Instant.parse(shown.path("expires_at").asString()))
        .isCloseTo(
            wanted.plusSeconds(60), org.assertj.core.api.Assertions.within(1, ChronoUnit.MILLIS));
  }

  @Test
  void isNeverEarlyAndSeldomLate() {
    TestApp app = service.sandboxApp();
    Instant at = Instant.now().plusMillis(1500);
    long id = app.api().message(app.id(), body(",\"scheduled_for\":\"" + at + "\""));
    JsonNode sent = app.api().await(app.id(), id, "delivered");
    assertThat(Instant.parse(sent.path("sent_at").asString())).isBetween(at, at.plusSeconds(2));
  }

  @Test
  void waitsForTheEndOfQuietHoursUnlessItIsACode() {
    TestApp app = service.sandboxApp();
    Instant end = quiet(app, Duration.ofSeconds(3));
    long waits = app.api().message(app.id(), body(""));
    long code = app.api().message(app.id(), body(",\"message_class\":\"otp\""));
    assertThat(explain(app, waits).path("reason").asString()).isEqualTo("quiet_hours");
    JsonNode passed = app.api().await(app.id(), code, "delivered");
    assertThat(Instant.parse(passed.path("sent_at").asString())).isBefore(end);
    JsonNode sent = app.api().await(app.id(), waits, "delivered");
    assertThat(Instant.parse(sent.path("sent_at").asString()))
        .isBetween(end.minusMillis(1), end.plusSeconds(2));
  }

  /** What it had accepted is still sent, and people still sleep. */
  @Test
  void keepsTheQuietHoursOfAnApplicationThatWasDeleted() {
    TestApp app = service.sandboxApp();
    String sender = app.firstSender();
    app.api().post(sender + "/pause", "");
    long waits = app.api().message(app.id(), body(""));
    quiet(app, Duration.ofHours(1));
    service.admin().delete("/api/applications/" + app.id());
    // Nobody else can: its routes are gone.
    var database = service.database().jdbc();
    database
        .sql("update senders set paused_at = null where app_id = :app")
        .param("app", app.id())
        .update();
    Eventually.value(
        () ->
            database
                .sql(
                    """
                    select count(*) from jobs
                     where kind = 'deliver' and id = :id and token is null
                       and run_at between now() + interval '50 minutes' and now() + interval '2 hours'
                    """)
                .param("id", waits)
                .query(Integer.class)
                .single(),
        held -> held == 1);
  }

  @Test
  void keepsQuietHoursByTheRecipientsClock() {
    TestApp app = service.sandboxApp();
    quiet(app, Duration.ofHours(1));
    long elsewhere =
        app.api().message(app.id(), body(",\"recipient_time_zone\":\"Pacific/Kiritimati\""));
    app.api().await(app.id(), elsewhere, "delivered");
    long here = app.api().message(app.id(), body(",\"recipient_time_zone\":\"UTC\""));
    assertThat(explain(app, here).path("because").asString()).contains("in UTC");
  }

  @Test
  void aMessageWhoseDeadlineLiesInQuietHoursExpiresThen() {
    TestApp app = service.sandboxApp();
    quiet(app, Duration.ofHours(1));
    long late = app.api().message(app.id(), body(",\"ttl_seconds\":600"));
    JsonNode told = explain(app, late);
    assertThat(told.path("reason").asString()).isEqualTo("quiet_hours");
    assertThat(told.path("next_move_at")).isEqualTo(told.path("expires_at"));
    long id = app.api().message(app.id(), body(",\"ttl_seconds\":1"));
    assertThat(app.api().await(app.id(), id, "expired").path("attempts").asInt())
        .as("it was claimed at its deadline, and no attempt made")
        .isZero();
    assertThat(explain(app, id).path("because").asString()).startsWith("Its deadline");
  }

  @Test
  void aPausedApplicationAcceptsAndSendsWhenItIsResumed() {
    TestApp app = service.sandboxApp();
    String path = "/api/applications/" + app.id();
    assertThat(app.api().post(path + "/pause", "{}").data().path("paused").asBoolean()).isTrue();
    long id = app.api().message(app.id(), body(""));
    assertThat(explain(app, id).path("reason").asString()).isEqualTo("paused");
    app.api().post(path + "/resume", "{}");
    app.api().await(app.id(), id, "delivered");
  }

  @Test
  void aDeadlineThatPassesInAPauseEndsTheMessageThen() {
    TestApp app = service.sandboxApp();
    String path = "/api/applications/" + app.id();
    app.api().post(path + "/pause", "{}");
    long soon = app.api().message(app.id(), body(",\"ttl_seconds\":1"));
    String scheduled = Instant.now().plusSeconds(1).toString();
    long later =
        app.api()
            .message(app.id(), body(",\"ttl_seconds\":1,\"scheduled_for\":\"" + scheduled + "\""));
    long patient = app.api().message(app.id(), body(""));
    app.api().await(app.id(), soon, "expired");
    app.api().await(app.id(), later, "expired");
    assertThat(explain(app, soon).path("reason").asString()).isEqualTo("expired");
    assertThat(app.api().show(app.id(), patient).path("status").asString()).isEqualTo("pending");
    app.api().post(path + "/resume", "{}");
    app.api().await(app.id(), patient, "delivered");
  }

  /** Its job was deleted, and the message, moved meanwhile, was scheduled for ever. */
  @Test
  void aMessageThatIsMovedInTheMomentItExpiresStillEnds() throws SQLException {
    TestApp app = service.sandboxApp();
    app.api().post("/api/applications/" + app.id() + "/pause", "{}");
    long id = app.api().message(app.id(), body(",\"ttl_seconds\":1"));
    Instant deadline = Instant.parse(app.api().show(app.id(), id).path("expires_at").asString());
    try (Connection patch = service.database().dataSource().getConnection();
        Statement statement = patch.createStatement()) {
      patch.setAutoCommit(false);
      statement.execute("update jobs set run_at = now() where id = " + id);
      statement.execute(
          "update messages set dispatch = 'scheduled', scheduled_for = now() where message_id = "
              + id);
      // Long enough for it to be found overdue by whoever looks every second.
      Eventually.within(
          Duration.ofSeconds(10), Instant::now, now -> now.isAfter(deadline.plusSeconds(3)));
      patch.commit();
    }
    app.api().await(app.id(), id, "expired");
  }

  /** Both were right by what they had read; together they would leave one that never ends. */
  @Test
  void aDeadlineThatIsMovedMeanwhileIsKept() throws Exception {
    TestApp app = service.sandboxApp();
    Instant later = Instant.now().plusSeconds(3600).truncatedTo(ChronoUnit.MILLIS);
    long id = app.api().message(app.id(), body(",\"scheduled_for\":\"" + later + "\""));
    Instant deadline = Instant.now().plusSeconds(7200).truncatedTo(ChronoUnit.MILLIS);
    try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor();
        Connection patch = service.database().dataSource().getConnection();
        Statement statement = patch.createStatement()) {
      patch.setAutoCommit(false);
      statement.execute("select 1 from jobs where id = " + id + " for update");
      Future<Api.Answer> moved =
          other.submit(() ->
              app.api()
                  .patch(
                      app.path() + "/" + id,
                      "{\"scheduled_for\":\"" + Instant.now().plusSeconds(90_000) + "\"}"));
      Eventually.value(() -> waitingForALock(), it -> it);
      statement.execute(
          "update messages set expires_at = '" + deadline + "' where message_id = " + id);
      patch.commit();
      assertThat(moved.get().status()).as(moved.get().body()).isEqualTo(422);
      assertThat(moved.get().body()).contains(deadline.toString());
    }
    assertThat(Instant.parse(app.api().show(app.id(), id).path("scheduled_for").asString()))
        .isEqualTo(later);
  }

  private boolean waitingForALock() {
    return service
        .database()
        .jdbc()
        .sql(
            """
            select count(*) > 0 from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock'
               and query like '%update jobs%'
            """)
        .query(Boolean.class)
        .single();
  }

  /** A pause needs no message, and one application may have a thousand of them. */
  @Test
  void pausesWithoutMessagesDelayNobodysEnd() {
    TestApp many = service.sandboxApp();
    service
        .database()
        .jdbc()
        .sql(
            """
            insert into campaigns (app_id, campaign_id, paused_at)
            select ?, 'empty-' || n, now() from generate_series(1, 500) as n
            """)
        .param(many.id())
        .update();
    TestApp app = service.sandboxApp();
    app.api().post("/api/campaigns/" + app.id() + "/summer/pause", "{}");
    long id = app.api().message(app.id(), body(",\"campaign_id\":\"summer\",\"ttl_seconds\":1"));
    Eventually.within(
        Duration.ofSeconds(20),
        () -> app.api().show(app.id(), id).path("status").asString(),
        it -> it.equals("expired"));
    service
        .database()
        .jdbc()
        .sql("delete from campaigns where app_id = ?")
        .param(many.id())
        .update();
  }

  @Test
  void aDeadlineThatPassesWhileItsCampaignIsPausedEndsTheMessageThen() {
    TestApp app = service.sandboxApp();
    String path = "/api/campaigns/" + app.id() + "/summer";
    String in = ",\"campaign_id\":\"summer\"";
    String soon = Instant.now().plusSeconds(2).toString();
    long before =
        app.api()
            .message(app.id(), body(in + ",\"ttl_seconds\":1,\"scheduled_for\":\"" + soon + "\""));
    app.api().post(path + "/pause", "{}");
    long during = app.api().message(app.id(), body(in + ",\"ttl_seconds\":1"));
    long patient = app.api().message(app.id(), body(in));
    app.api().await(app.id(), before, "expired");
    app.api().await(app.id(), during, "expired");
    assertThat(app.api().show(app.id(), patient).path("status").asString()).isEqualTo("pending");
    app.api().post(path + "/resume", "{}");
    app.api().await(app.id(), patient, "delivered");
  }

  @Test
  void aCampaignThatGoesOnLeavesNothingBehind() {
    TestApp app = service.sandboxApp();
    String path = "/api/campaigns/" + app.id() + "/fall";
    assertThat(app.api().post(path + "/pause", "{}").status()).isEqualTo(200);
    assertThat(campaigns(app)).isEqualTo(1);
    assertThat(app.api().post(path + "/resume", "{}").status()).isEqualTo(200);
    assertThat(app.api().post(path + "-2/resume", "{}").status()).isEqualTo(200);
    assertThat(campaigns(app)).isZero();
  }

  private int campaigns(TestApp app) {
    return service
        .database()
        .jdbc()
        .sql("select count(*) from campaigns where app_id = :app")
        .param("app", app.id())
        .query(Integer.class)
        .single();
  }

  /** A receipt may come for an unclear attempt while its message waits for the next one. */
  @Test
  void whatArrivedAfterAllDoesNotKeepOthersFromExpiring() {
    TestApp app = service.sandboxApp();
    String path = "/api/applications/" + app.id();
    service.admin().post(path + "/pause", "{}");
    long arrived = app.api().message(app.id(), body(",\"ttl_seconds\":1"));
    service
        .database()
        .jdbc()
        .sql("update messages set delivered_at = now() where message_id = :id")
        .param("id", arrived)
        .update();
    long other = app.api().message(app.id(), body(",\"ttl_seconds\":1"));
    app.api().await(app.id(), other, "expired");
    service.admin().post(path + "/resume", "{}");
    Eventually.value(
        () -> app.api().get(app.path() + "/" + arrived + "/logs").body(),
        it -> it.contains("\"arrived\""));
  }

  @Test
  void whatWaitsForASenderThatIsDeletedWhileItIsHeldFails() {
    TestApp app = service.sandboxApp();
    long paused = app.sender("{\"provider\":\"sandbox\",\"address\":\"+15559990001\"}");
    long opened = app.sender("{\"provider\":\"sandbox\",\"address\":\"+15559990002\"}");
    String senders = "/api/applications/" + app.id() + "/senders/";
    app.api().post(senders + paused + "/pause", "{}");
    app.api().put(senders + opened + "/circuit", "{\"forced\":\"open\"}");
    long one = app.api().message(app.id(), body(",\"sender_id\":" + paused));
    long other = app.api().message(app.id(), body(",\"sender_id\":" + opened));
    app.api().delete(senders + paused);
    app.api().delete(senders + opened);
    app.api().await(app.id(), one, "failed");
    app.api().await(app.id(), other, "failed");
    assertThat(explain(app, other).toString()).contains("sender_deleted");
  }

  @Test
  void aPausedSenderHoldsItsOwnMessagesOnly() {
    TestApp app = service.sandboxApp();
    long other = app.sender("{\"provider\":\"sandbox\",\"address\":\"+15559990000\"}");
    String path = "/api/applications/" + app.id() + "/senders/" + other;
    app.api().post(path + "/pause", "{}");
    long held = app.api().message(app.id(), body(",\"sender_id\":" + other));
    long free = app.api().message(app.id(), body(""));
    app.api().await(app.id(), free, "delivered");
    assertThat(app.api().show(app.id(), held).path("status").asString()).isEqualTo("pending");
    app.api().post(path + "/resume", "{}");
    app.api().await(app.id(), held, "delivered");
  }

  @Test
  void whatMeetsAPauseOnItsWayIsHeldOnce() {
    TestApp app = service.sandboxApp();
    String path = "/api/campaigns/" + app.id() + "/winter";
    service
        .admin()
        .put(
            "/api/applications/" + app.id() + "/policy",
            "{\"retry\":{\"first_delay_seconds\":1,\"max_delay_seconds\":1}}");
    long id =
        app.api()
            .message(
                app.id(),
                "{\"message_content\":\"x\",\"recipient\":\"+15550000002\",\"campaign_id\":\"winter\"}");
    Eventually.value(
        () -> explain(app, id), it -> it.path("reason").asString().equals("waiting_for_retry"));
    app.api().post(path + "/pause", "{}");
    assertThat(app.api().show(app.id(), id).path("status").asString())
        .as("it waits for its next attempt, which is due in a moment")
        .isEqualTo("pending");
    Eventually.value(
        () ->
            service
                .database()
                .jdbc()
                .sql("select count(*) from jobs where id = :id and run_at = 'infinity'")
                .param("id", id)
                .query(Long.class)
                .single(),
        held -> held == 1);
    assertThat(explain(app, id).path("reason").asString()).isEqualTo("campaign_paused");
    app.api().post(path + "/resume", "{}");
    JsonNode delivered = app.api().await(app.id(), id, "delivered");
    assertThat(delivered.path("attempts").asInt()).isEqualTo(3);
    assertThat(app.api().get(app.path() + "/" + id + "/logs").data().path("items"))
        .filteredOn(entry -> entry.path("event").asString().equals("held.campaign_paused"))
        .hasSize(1);
  }

  @Test
  void aDeletedApplicationsCampaignIsNotPausedForEver() {
    TestApp app = service.sandboxApp();
    app.api().post("/api/campaigns/" + app.id() + "/last/pause", "{}");
    long id = app.api().message(app.id(), body(",\"campaign_id\":\"last\""));
    Eventually.value(
        () -> explain(app, id), it -> it.path("reason").asString().equals("campaign_paused"));
    service.admin().delete("/api/applications/" + app.id());
    Eventually.within(
        Duration.ofSeconds(40),
        () ->
            service
                .database()
                .jdbc()
                .sql("select dispatch from messages where message_id = :id")
                .param("id", id)
                .query(String.class)
                .single(),
        "handed_off"::equals);
  }

  @Test
  void aPausedCampaignIsHeldAndCounted() {
    TestApp app = service.sandboxApp();
    String path = "/api/campaigns/" + app.id() + "/spring";
    String at = ",\"campaign_id\":\"spring\"";
    long before =
        app.api()
            .message(
                app.id(), body(at + ",\"scheduled_for\":\"" + Instant.now().plusSeconds(2) + "\""));
    assertThat(app.api().post(path + "/pause", "{}").data().path("messages").path("scheduled"))
        .hasToString("1");
    long during = app.api().message(app.id(), body(at));
    long another = app.api().message(app.id(), body(",\"campaign_id\":\"autumn\""));
    app.api().await(app.id(), another, "delivered");
    Eventually.value(
        () -> explain(app, during), it -> it.path("reason").asString().equals("campaign_paused"));
    // Its time passes without it.
    Instant time = Instant.parse(app.api().show(app.id(), before).path("scheduled_for").asString());
    Eventually.value(Instant::now, now -> now.isAfter(time.plusMillis(500)));
    assertThat(app.api().show(app.id(), before).path("status").asString()).isEqualTo("scheduled");
    app.api().post(path + "/resume", "{}");
    app.api().await(app.id(), before, "delivered");
    app.api().await(app.id(), during, "delivered");
    JsonNode campaign = app.api().get(path).data();
    assertThat(campaign.path("total").asInt()).isEqualTo(2);
    assertThat(campaign.path("messages").path("delivered").asInt()).isEqualTo(2);
    assertThat(campaign.path("paused_at").isNull()).isTrue();
    assertThat(app.api().get(app.path() + "?campaign_id=spring").data().path("items")).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"scheduled_for\":\"2026-12-24T18:00:00\"|scheduled_for",
        "\"scheduled_for\":\"24.12.2026\"|scheduled_for",
        "\"scheduled_for\":\"+999999999-01-01T00:00:00\",\"time_zone\":\"UTC\"|scheduled_for",
        "\"scheduled_for\":\"+999999999-12-31T23:59:59-18:00\",\"ttl_seconds\":1|scheduled_for",
        "\"time_zone\":\"Mars/Olympus\"|time_zone",
        "\"time_zone\":\"+01:00\"|time_zone",
        "\"recipient_time_zone\":\"CET+1\"|recipient_time_zone",
        "\"ttl_seconds\":0|ttl_seconds",
        "\"ttl_seconds\":99999999999|ttl_seconds",
        "\"ttl_seconds\":60,\"expires_at\":\"2100-01-01T00:00:00Z\"|ttl_seconds",
        "\"message_class\":\"spam\"|message_class",
        "\"campaign_id\":\"a b\"|campaign_id",
        "\"campaign_id\":\"\"|campaign_id"
      })
  void refusesWhatItCannotUnderstand(String field, String named) {
    TestApp app = service.sandboxApp();
    Api.Answer answer = app.api().post(app.path(), body("," + field));
    assertThat(answer.status()).as(answer.body()).isEqualTo(422);
    assertThat(answer.fields()).contains(named);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"quiet_hours\":{\"start\":\"25:00\",\"end\":\"08:00\",\"time_zone\":\"UTC\"}}|start",
        "{\"quiet_hours\":{\"start\":\"22:00\",\"time_zone\":\"UTC\"}}|end",
        "{\"quiet_hours\":{\"start\":\"22:00\",\"end\":\"22:00\",\"time_zone\":\"UTC\"}}|end",
        "{\"quiet_hours\":{\"start\":\"22:00\",\"end\":\"08:00\"}}|time_zone",
        "{\"retry\":{\"max_attempts\":0}}|max_attempts",
        "{\"retry\":{\"never_retry\":[null]}}|never_retry",
        "{\"retry\":{\"first_delay_seconds\":9,\"max_delay_seconds\":3}}|max_delay_seconds"
      })
  void refusesAPolicyThatMakesNoSense(String policy, String named) {
    TestApp app = service.sandboxApp();
    Api.Answer answer = service.admin().put("/api/applications/" + app.id() + "/policy", policy);
    assertThat(answer.status()).as(answer.body()).isEqualTo(422);
    assertThat(answer.fields()).anyMatch(field -> field.endsWith(named));
  }
}
