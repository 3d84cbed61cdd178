package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every answer a provider can give, and what becomes of the message. */
class OutcomesE2ETest {
  private static RunningService service;
  private static TestApp app;

  @BeforeAll
  static void start() {
    service =
        RunningService.start(
            java.util.Map.of(),
            "--postrider.delivery.first-retry=100ms",
            "--postrider.delivery.longest-retry=200ms",
            "--postrider.circuit.first-wait=100ms",
            "--postrider.delivery.look-up-every=200ms",
            "--postrider.delivery.uncertain-for=600ms");
    app = service.sandboxApp();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static long send(String recipient, String more) {
    return app.api()
        .message(
            app.id(),
            "{\"message_content\":\"x\",\"recipient\":\"" + recipient + "\"" + more + "}");
  }

  private static List<String> outcomes(long id) {
    return outcomes(app, id);
  }

  private static List<String> outcomes(TestApp of, long id) {
    return of.api()
        .get(of.path() + "/" + id + "/attempts")
        .data()
        .path("items")
        .valueStream()
        .map(it -> it.path("outcome").asString())
        .toList();
  }

  private static long arrivals(long id) {
    return app.api()
        .get("/api/sandbox/" + app.id() + "/messages?limit=200")
        .data()
        .path("items")
        .valueStream()
        .filter(it -> it.path("message_id").asLong() == id)
        .count();
  }

  private static JsonNode explain(long id) {
    return app.api().get(app.path() + "/" + id + "/explain").data();
  }

  @Test
  void givesUpAtOnceWhenRejected() {
    long id = send("+15551230001", "");
    JsonNode failed = app.api().await(app.id(), id, "failed");
    assertThat(failed.path("last_error").path("code").asString()).isEqualTo("unknown_recipient");
    assertThat(outcomes(id)).containsExactly("rejected");
    assertThat(explain(id).path("because").asString()).startsWith("The provider rejected it");
  }

  @Test
  void retriesWhatWasDeferredAndNeverEarlierThanAsked() {
    Instant before = Instant.now();
    long id = send("+15551230002", "");
    app.api().await(app.id(), id, "delivered");
    assertThat(outcomes(id)).containsExactly("deferred", "deferred", "accepted");
    // The sandbox asks for a second each time; the own backoff would be a tenth of that.
    assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofSeconds(2));
    assertThat(arrivals(id)).isEqualTo(1);
  }

  @Test
  void aSendersRuleSaysWhatIsRetriedAndHowOften() {
    TestApp ruled = service.app();
    long sender = ruled.sender("{\"provider\":\"sandbox\"}");
    String policy = "/api/applications/" + ruled.id() + "/senders/" + sender + "/policy";
    String rule = "{\"retry\":{\"max_attempts\":2,\"always_retry\":[\"unknown_recipient\"]}}";
    assertThat(ruled.api().put(policy, rule).status()).isEqualTo(200);
    assertThat(ruled.api().get(policy).data().path("retry").path("max_attempts").asInt())
        .isEqualTo(2);
    String body = "{\"message_content\":\"x\",\"recipient\":\"+15551230001\"}";
    long id = ruled.api().message(ruled.id(), body);
    ruled.api().await(ruled.id(), id, "failed");
    assertThat(outcomes(ruled, id)).containsExactly("rejected", "rejected");
  }

  @Test
  void itIsSaidThatARuleGaveItUp() {
    TestApp ruled = service.app();
    long sender = ruled.sender("{\"provider\":\"sandbox\"}");
    String policy = "/api/applications/" + ruled.id() + "/senders/" + sender + "/policy";
    String rule = "{\"retry\":{\"never_retry\":[\"busy\"]}}";
    assertThat(ruled.api().put(policy, rule).status()).isEqualTo(200);
    String body = "{\"message_content\":\"x\",\"recipient\":\"+15551230003\"}";
    long id = ruled.api().message(ruled.id(), body);
    ruled.api().await(ruled.id(), id, "failed");
    assertThat(outcomes(ruled, id)).containsExactly("deferred");
    JsonNode why = ruled.api().get(ruled.path() + "/" + id + "/explain").data();
    assertThat(why.path("because").asString())
        .startsWith("Its retry rule gave it up after 1 attempt; the last answer was:");
    assertThat(why.path("attempts_counted").isNull()).isTrue();
  }

  @Test
  void givesUpAfterTheLastAttempt() {
    long id = send("+15551230003", ",\"max_attempts\":3");
    app.api().await(app.id(), id, "failed");
    assertThat(outcomes(id)).containsExactly("deferred", "deferred", "deferred");
    assertThat(explain(id).path("because").asString())
        .startsWith("It ran out of attempts: 3 attempts, of which 3 may count");
    String attempts = app.path() + "/" + id + "/attempts?limit=2";
    JsonNode first = app.api().get(attempts).data();
    assertThat(first.path("items")).hasSize(2);
    JsonNode rest =
        app.api().get(attempts + "&cursor=" + first.path("next_cursor").asString()).data();
    assertThat(rest.at("/items/0/attempt").asInt()).isEqualTo(3);
    assertThat(rest.path("next_cursor").isNull()).isTrue();
  }

  @Test
  void repeatsAnUnclearAttemptAndJournalsWhy() {
    long id = send("+15551230004", "");
    app.api().await(app.id(), id, "delivered");
    assertThat(outcomes(id)).containsExactly("unclear", "accepted");
    assertThat(arrivals(id)).isEqualTo(2);
    assertThat(explain(id).path("because").asString()).endsWith("Attempt 1 may have arrived, too.");
    assertThat(explain(id).at("/may_have_arrived/0").asInt()).isEqualTo(1);
  }

  @Test
  void neverRepeatsAnUnclearAttemptThatIsHeld() {
    long id = send("+15551230004", ",\"on_ambiguous\":\"hold\"");
    app.api().await(app.id(), id, "uncertain");
    assertThat(explain(id).path("reason").asString()).isEqualTo("uncertain");
    JsonNode failed = app.api().await(app.id(), id, "failed");
    assertThat(failed.path("last_error").path("code").asString()).isEqualTo("uncertain");
    assertThat(arrivals(id)).isEqualTo(1);
    assertThat(outcomes(id)).containsExactly("unclear");
  }

  @Test
  void restsTheSenderWithoutCountingAnAttempt() {
    TestApp own = service.sandboxApp();
    long id =
        own.api()
            .message(
                own.id(),
                "{\"message_content\":\"x\",\"recipient\":\"+15551230010\",\"max_attempts\":1}");
    JsonNode explained =
        Eventually.value(
            () -> own.api().get(own.path() + "/" + id + "/explain").data(),
            it -> it.path("reason").asString().equals("circuit_open"));
    assertThat(explained.path("next_move_at").isNull()).isFalse();
    long neighbour =
        own.api().message(own.id(), "{\"message_content\":\"x\",\"recipient\":\"+15551239999\"}");
    own.api().await(own.id(), neighbour, "delivered");
    own.api().await(own.id(), id, "delivered");
    Instant first = sentAt(own, id);
    assertThat(sentAt(own, neighbour)).isAfter(first.minusSeconds(3));
    assertThat(own.api().show(own.id(), neighbour).path("attempts").asInt()).isEqualTo(1);
  }

  private static Instant sentAt(TestApp own, long id) {
    return Instant.parse(own.api().show(own.id(), id).path("sent_at").asString());
  }

  @Test
  void foldsReceiptsForwardOnly() {
    long read = send("+15551230008", "");
    JsonNode message = app.api().await(app.id(), read, "read");
    assertThat(message.path("delivered_at").isNull()).isFalse();
    long failed = send("+15551230009", "");
    assertThat(app.api().await(app.id(), failed, "failed").path("sent_at").isNull()).isFalse();
    assertThat(explain(failed).path("reason").asString()).isEqualTo("provider_failed");
    long silent = send("+15551230007", "");
    app.api().await(app.id(), silent, "sent");
    assertThat(explain(silent).path("reason").asString()).isEqualTo("awaiting_receipt");
  }

  @Test
  void expiresRatherThanSendsLate() {
    Instant deadline = Instant.now().plusSeconds(1);
    long id = send("+15551230003", ",\"expires_at\":\"" + deadline + "\"");
    app.api().await(app.id(), id, "expired");
    assertThat(explain(id).path("because").asString()).startsWith("Its deadline");
    assertThat(arrivals(id)).isZero();
  }

  @Test
  void sendsAtTheScheduledTimeAndNotBefore() {
    Instant at = Instant.now().plusMillis(1500);
    long id = send("+15551230000", ",\"scheduled_for\":\"" + at + "\"");
    assertThat(app.api().show(app.id(), id).path("status").asString()).isEqualTo("scheduled");
    assertThat(explain(id).path("reason").asString()).isEqualTo("scheduled");
    app.api().await(app.id(), id, "delivered");
    Instant sent = Instant.parse(app.api().show(app.id(), id).path("sent_at").asString());
    assertThat(sent).isBetween(at, at.plusSeconds(2));
  }

  @Test
  void callsAMessageBackWhileItWaits() {
    long id =
        send("+15551230000", ",\"scheduled_for\":\"" + Instant.now().plusSeconds(3600) + "\"");
    assertThat(app.api().post(app.path() + "/" + id + "/cancel", "").status()).isEqualTo(200);
    assertThat(app.api().show(app.id(), id).path("status").asString()).isEqualTo("canceled");
    assertThat(app.api().post(app.path() + "/" + id + "/cancel", "").status()).isEqualTo(200);

    long sent = send("+15551230000", "");
    app.api().await(app.id(), sent, "delivered");
    Api.Answer late = app.api().post(app.path() + "/" + sent + "/cancel", "");
    assertThat(late.status()).isEqualTo(409);
    assertThat(late.json().path("code").asString()).isEqualTo("conflict");
  }

  @Test
  void movesTheTimeOfAMessageThatWaits() {
    long id =
        send("+15551230000", ",\"scheduled_for\":\"" + Instant.now().plusSeconds(3600) + "\"");
    Api.Answer moved =
        app.api()
            .patch(
                app.path() + "/" + id,
                "{\"scheduled_for\":\"" + Instant.now().plusMillis(500) + "\"}");
    assertThat(moved.status()).isEqualTo(200);
    app.api().await(app.id(), id, "delivered");
  }

  @Test
  void movesTheDeadlineWhereItIsAskedTo() {
    Instant first = Instant.now().plusSeconds(3600).truncatedTo(ChronoUnit.SECONDS);
    Instant later = first.plusSeconds(7200);
    long id = send("+15551230000", ",\"ttl_seconds\":3600,\"scheduled_for\":\"" + first + "\"");
    String path = app.path() + "/" + id;
    Api.Answer beyond = app.api().patch(path, "{\"scheduled_for\":\"" + later + "\"}");
    assertThat(beyond.status()).isEqualTo(422);
    assertThat(beyond.json().path("detail").asString())
        .contains("scheduled_for", first.plusSeconds(3600).toString(), "ttl_seconds");
    Api.Answer moved =
        app.api().patch(path, "{\"scheduled_for\":\"" + later + "\",\"ttl_seconds\":600}");
    assertThat(moved.status()).as(moved.body()).isEqualTo(200);
    assertThat(Instant.parse(app.api().show(app.id(), id).path("expires_at").asString()))
        .isEqualTo(later.plusSeconds(600));
  }

  @Test
  void sendsAFailedMessageAgainAsANewOne() {
    long id = send("+15551230001", "");
    app.api().await(app.id(), id, "failed");
    Api.Answer again = app.api().post(app.path() + "/" + id + "/retry", "");
    assertThat(again.status()).isEqualTo(201);
    long next = again.data().path("message_id").asLong();
    assertThat(next).isNotEqualTo(id);
    assertThat(app.api().show(app.id(), next).path("retry_of").asLong()).isEqualTo(id);
    assertThat(explain(id).path("because").asString())
        .endsWith("sent again as message " + next + ".");
    app.api().await(app.id(), next, "failed");
    long delivered = send("+15551230000", "");
    app.api().await(app.id(), delivered, "delivered");
    assertThat(app.api().post(app.path() + "/" + delivered + "/retry", "").status()).isEqualTo(409);
  }

  @Test
  void failsWhatItsDeletedSenderCanNoLongerSend() {
    TestApp own = service.app();
    long sender = own.sender("{\"provider\":\"sandbox\"}");
    long id =
        own.api()
            .message(
                own.id(),
                "{\"message_content\":\"x\",\"recipient\":\"+15551230000\",\"scheduled_for\":\""
                    + Instant.now().plusMillis(700)
                    + "\"}");
    assertThat(own.api().delete("/api/applications/" + own.id() + "/senders/" + sender).status())
        .isEqualTo(200);
    JsonNode failed = own.api().await(own.id(), id, "failed");
    assertThat(failed.path("last_error").path("code").asString()).isEqualTo("sender_deleted");
  }
}
