package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.simulator.WahaSimulator;
import dev.postrider.simulator.WahaSimulator.Mood;
import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import dev.postrider.testing.TestDatabase;
import dev.postrider.testing.TwoNodes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** WhatsApp through WAHA: the booted service against a WAHA server on a real socket. */
class WahaE2ETest {
  private static final String HMAC_KEY = "a-secret-for-callbacks";
  private static WahaSimulator waha;
  private static RunningService service;
  private TestApp app;
  private long sender;

  @BeforeAll
  static void start() {
    waha = new WahaSimulator("waha-key");
    service =
        RunningService.start(
            Map.of(
                "WAHA_API_URL",
                waha.url(),
                "WAHA_API_KEY",
                "waha-key",
                "WAHA_HMAC_KEY",
                HMAC_KEY,
                "POSTRIDER_DEFAULT_RECIPIENT",
                "+4915112345678"),
            "--postrider.delivery.first-retry=100ms",
            "--postrider.delivery.longest-retry=200ms",
            "--postrider.circuit.first-wait=100ms",
            "--postrider.delivery.look-up-every=200ms");
  }

  @AfterAll
  static void stop() {
    service.close();
    waha.close();
  }

  @BeforeEach
  void app() {
    app = service.app();
    sender =
        app.api()
            .get("/api/applications/" + app.id() + "/senders")
            .data()
            .path("items")
            .get(0)
            .path("sender_id")
            .asLong();
  }

  private long send(String text, String more) {
    return app.api()
        .message(
            app.id(),
            "{\"message_content\":\"" + text + "\",\"recipient\":\"+4915112345678\"" + more + "}");
  }

  private List<WahaSimulator.Arrival> arrivals(String text) {
    return waha.arrivals().stream().filter(it -> it.text().equals(text)).toList();
  }

  private List<String> codes(long id) {
    return app.api()
        .get(app.path() + "/" + id + "/attempts")
        .data()
        .path("items")
        .valueStream()
        .map(it -> it.path("code").asString("-"))
        .toList();
  }

  private int ack(String id, int ack) {
    return WahaSimulator.callBack(
        app.api().url() + "/hooks/waha/" + sender, WahaSimulator.ack("default", id, ack), HMAC_KEY);
  }

  @Test
  void servesTheFirstApplicationWithoutAnySetUp() throws Exception {
    String key = Files.readString(service.home().resolve("app-key")).strip();
    long id = service.admin().as(key).message(1, "{\"message_content\":\"the brief's own curl\"}");
    service.admin().await(1, id, "sent");
    assertThat(arrivals("the brief's own curl")).hasSize(1);
  }

  /** As on a full disk: an application whose key nobody has could never be used. */
  @Test
  void theFirstApplicationIsNotThereWithoutItsKey() throws Exception {
    TestDatabase database = TestDatabase.create();
    Path home = RunningService.newHome();
    Path inTheWay = Files.createDirectories(home.resolve("app-key").resolve("x"));
    Map<String, String> environment =
        Map.of("WAHA_API_URL", waha.url(), "WAHA_API_KEY", "waha-key");
    assertThatThrownBy(() -> RunningService.start(database, home, environment))
        .hasStackTraceContaining("cannot write " + home.resolve("app-key"));
    Files.delete(inTheWay);
    Files.delete(inTheWay.getParent());
    try (RunningService second = RunningService.start(database, home, environment)) {
      String key = Files.readString(home.resolve("app-key")).strip();
      JsonNode apps = second.admin().get("/api/applications").data().path("items");
      assertThat(apps).hasSize(1);
      long only = apps.get(0).path("app_id").asLong();
      second
          .admin()
          .as(key)
          .message(only, "{\"message_content\":\"x\",\"recipient\":\"+4915112345678\"}");
    }
  }

  @Test
  void sendsTextAndPassesTheCorrelationOn() {
    long id = send("hello text", "");
    JsonNode message = app.api().await(app.id(), id, "sent");
    WahaSimulator.Arrival arrival = arrivals("hello text").getFirst();
    assertThat(arrival.chatId()).isEqualTo("4915112345678@c.us");
    assertThat(arrival.correlationId()).isEqualTo(message.path("correlation_id").asString());
    assertThat(message.path("provider_message_id").asString()).isEqualTo(arrival.key());
  }

  @Test
  void sendsImagesAndFiles() {
    String media =
        ",\"message_type\":\"%s\",\"media\":{\"%s\":\"%s\",\"mimetype\":\"image/png\",\"filename\":\"a.png\"}";
    long image = send("an image", media.formatted("image", "url", "https://example.org/a.png"));
    long file = send("a file", media.formatted("file", "data", "aGVsbG8="));
    app.api().await(app.id(), image, "sent");
    app.api().await(app.id(), file, "sent");
    assertThat(arrivals("an image").getFirst().path()).isEqualTo("/api/sendImage");
    assertThat(arrivals("a file").getFirst().path()).isEqualTo("/api/sendFile");
  }

  @Test
  void understandsTheRawShapeOfOlderEngines() {
    waha.next(Mood.RAW_SHAPE);
    long id = send("raw shape", "");
    app.api().await(app.id(), id, "sent");
  }

  @Test
  void findsAnUnclearSendInsteadOfRepeatingIt() {
    waha.next(Mood.TAKE_AND_RESET);
    long id = send("answer lost", "");
    app.api().await(app.id(), id, "sent");
    assertThat(arrivals("answer lost")).hasSize(1);
    assertThat(codes(id)).containsExactly("reset_after_write", "-");
  }

  /** Its last attempt has no answer, and a look-up says nothing: the receipt does. */
  @Test
  void whatAReceiptTellsDuringALaterAttemptIsNotForgotten() {
    waha.ack(-1); // so that what it shows says nothing
    try {
      waha.next(Mood.TAKE_AND_RESET, Mood.TAKE_AND_SILENCE);
      long id = send("told meanwhile", ",\"max_attempts\":2");
      Eventually.value(() -> arrivals("told meanwhile"), it -> it.size() == 2);
      String key = arrivals("told meanwhile").getFirst().key();
      assertThat(ack("true_4915112345678@c.us_" + key, 1)).isEqualTo(200);
      Eventually.within(
          Duration.ofSeconds(30),
          () -> app.api().show(app.id(), id).path("status").asString(),
          it -> it.equals("sent"));
    } finally {
      waha.ack(1);
    }
  }

  /** Its only attempt has no answer, and the receipt came before anybody knew its id. */
  @Test
  void whatAReceiptToldOfTheOnlyAttemptIsNoFailure() {
    waha.ack(-1); // so that what it shows says nothing
    try {
      waha.next(Mood.TAKE_AND_SILENCE);
      long id = send("told of at once", ",\"max_attempts\":1");
      Eventually.value(() -> arrivals("told of at once"), it -> it.size() == 1);
      String key = arrivals("told of at once").getFirst().key();
      assertThat(ack("true_4915112345678@c.us_" + key, 1)).isEqualTo(200);
      Eventually.value(
          () -> app.api().show(app.id(), id).path("status").asString(), it -> it.equals("sent"));
    } finally {
      waha.ack(1);
    }
  }

  /** A provider that is told no does not come again. */
  @Test
  void aSecretThatWasChangedOnAnotherNodeIsKnownAtOnce() {
    try (TwoNodes nodes = TwoNodes.start()) {
      TestApp theirs = nodes.one().app();
      long id =
          theirs.sender(
              "{\"provider\":\"waha\",\"address\":\"+491700000000\",\"settings\":{\"base_url\":\""
                  + waha.url()
                  + "\"},\"credentials\":{\"api_key\":\"waha-key\",\"hmac_key\":\"the-first-secret\"}}");
      String hook = nodes.other().admin().url() + "/hooks/waha/" + id;
      String body = WahaSimulator.ack("default", "true_1@c.us_3EB0SOMEBODYSOWN", 2);
      assertThat(WahaSimulator.callBack(hook, body, "the-first-secret")).isEqualTo(200);
      Api.Answer changed =
          nodes
              .one()
              .admin()
              .patch(
                  "/api/applications/" + theirs.id() + "/senders/" + id,
                  "{\"credentials\":{\"api_key\":\"waha-key\",\"hmac_key\":\"the-second-secret\"}}");
      assertThat(changed.status()).as(changed.body()).isEqualTo(200);
      assertThat(WahaSimulator.callBack(hook, body, "the-second-secret")).isEqualTo(200);
    }
  }

  @Test
  void settlesAHeldMessageByLookingItUp() {
    waha.next(Mood.TAKE_AND_RESET);
    long id = send("held and found", ",\"on_ambiguous\":\"hold\"");
    app.api().await(app.id(), id, "sent");
    assertThat(arrivals("held and found")).hasSize(1);
  }

  @Test
  void sendsAgainWhatNeverArrived() {
    waha.next(Mood.RESET);
    long id = send("request lost", "");
    app.api().await(app.id(), id, "sent");
    assertThat(arrivals("request lost")).hasSize(1);
    assertThat(codes(id)).hasSize(2);
  }

  @Test
  void doesNotBelieveASuccessWithoutAMessage() {
    waha.next(Mood.HTML, Mood.NO_ID);
    long id = send("odd successes", "");
    app.api().await(app.id(), id, "sent");
    assertThat(codes(id)).startsWith("bad_2xx");
  }

  @Test
  void rejectsWhatWahaRejectsAndRetriesWhatItCannotTakeNow() {
    waha.next(Mood.STATUS_400);
    long rejected = send("bad request", "");
    app.api().await(app.id(), rejected, "failed");
    waha.retryAfter("1");
    waha.next(Mood.STATUS_429, Mood.STATUS_503);
    long later = send("later please", ",\"max_attempts\":1");
    app.api().await(app.id(), later, "sent");
    assertThat(codes(later)).startsWith("http_429");
    assertThat(arrivals("later please")).hasSize(1);
  }

  @Test
  void waitsForASessionThatIsNotWorkingWithoutGivingUp() {
    waha.session("default", "SCAN_QR_CODE");
    long id = send("session down", ",\"max_attempts\":1");
    JsonNode explained =
        Eventually.value(
            () -> app.api().get(app.path() + "/" + id + "/explain").data(),
            it -> it.path("because").asString().contains("SCAN_QR_CODE"));
    assertThat(explained.path("reason").asString()).isIn("circuit_open", "waiting_for_retry");
    waha.session("default", "WORKING");
    app.api().await(app.id(), id, "sent");
    assertThat(arrivals("session down")).hasSize(1);
  }

  @Test
  void asksWhatsAppForBrazilianNumbers() {
    long id =
        app.api()
            .message(
                app.id(), "{\"message_content\":\"bom dia\",\"recipient\":\"+5511987654321\"}");
    app.api().await(app.id(), id, "sent");
    assertThat(arrivals("bom dia").getFirst().chatId()).isEqualTo("551187654321@c.us");
    waha.stranger("5511912345678");
    long stranger =
        app.api()
            .message(app.id(), "{\"message_content\":\"quem\",\"recipient\":\"+5511912345678\"}");
    JsonNode failed = app.api().await(app.id(), stranger, "failed");
    assertThat(failed.path("last_error").path("code").asString()).isEqualTo("not_on_whatsapp");
  }

  @Test
  void foldsReceiptsInAnyOrderAnyNumberOfTimes() {
    long seed = System.nanoTime();
    for (int round = 0; round < 5; round++) {
      String text = "receipts " + round;
      long id = send(text, "");
      app.api().await(app.id(), id, "sent");
      String key = "true_999@lid_" + arrivals(text).getFirst().key();
      List<Integer> acks = new ArrayList<>(List.of(0, 1, 2, 3, 1, 2, 3, -1));
      Collections.shuffle(acks, new Random(seed + round));
      for (int ack : acks) {
        assertThat(ack(key, ack)).isEqualTo(200);
      }
      JsonNode message = app.api().show(app.id(), id);
      assertThat(message.path("status").asString())
          .as("seed %s, acks %s", seed, acks)
          .isEqualTo("read");
      assertThat(message.path("delivered_at").isNull()).isFalse();
      List<String> events =
          app.api()
              .get(app.path() + "/" + id + "/logs")
              .data()
              .path("items")
              .valueStream()
              .map(it -> it.path("event").asString())
              .filter(it -> it.startsWith("receipt"))
              .toList();
      assertThat(events).doesNotHaveDuplicates();
    }
  }

  @Test
  void keepsAReceiptThatComesBeforeItsMessage() {
    assertThat(ack("true_1@c.us_3EB0NOBODYKNOWSTHIS", 2)).isEqualTo(200);
    waha.next(Mood.TAKE_AND_SILENCE);
    long id = send("early receipt", "");
    WahaSimulator.Arrival arrival =
        Eventually.value(() -> arrivals("early receipt"), it -> !it.isEmpty()).getFirst();
    // The call is still open: the attempt is not written, and its id is not known yet.
    assertThat(ack("true_4915112345678@c.us_" + arrival.key(), 2)).isEqualTo(200);
    JsonNode message =
        Eventually.within(
            java.time.Duration.ofSeconds(30),
            () -> app.api().show(app.id(), id),
            it -> it.path("status").asString().equals("delivered"));
    assertThat(message.path("attempts").asInt()).isEqualTo(1);
    assertThat(arrivals("early receipt")).hasSize(1);
  }

  /** The node that sent it may be gone: its rescuer knows the id all the same. */
  @Test
  void aReceiptFindsAnAttemptWhoseEndNobodySaw() {
    waha.next(Mood.TAKE_AND_SILENCE);
    long id = send("no end", "");
    Eventually.value(() -> arrivals("no end"), it -> it.size() == 1);
    JdbcClient jdbc = service.database().jdbc();
    jdbc.sql("update jobs set lease_until = now() - interval '1 second' where id = :id")
        .param("id", id)
        .update();
    String known =
        Eventually.value(
                () ->
                    jdbc.sql(
                            """
                            select provider_message_id from attempts
                             where message_id = :id and outcome = 'crash'
                            """)
                        .param("id", id)
                        .query((row, _) -> Optional.ofNullable(row.getString(1)))
                        .optional(),
                Optional::isPresent)
            .orElseThrow()
            .orElse("none");
    assertThat(known).isEqualTo(arrivals("no end").getFirst().key());
    ack("true_4915112345678@c.us_" + known, 2);
    app.api().await(app.id(), id, "delivered");
  }

  @Test
  void aSenderThatCannotBeLoadedKeepsNobodyFromBeingRescued() {
    waha.next(Mood.TAKE_AND_SILENCE);
    long id = send("no sender", "");
    Eventually.value(() -> arrivals("no sender"), it -> it.size() == 1);
    String path = "/api/applications/" + app.id() + "/senders/" + sender;
    // Loaded again after this; and then its credentials are nothing that was sealed here.
    service.admin().patch(path, "{\"name\":\"forgotten\"}");
    JdbcClient jdbc = service.database().jdbc();
    jdbc.sql("update senders set credentials = :none where sender_id = :id")
        .param("none", new byte[40])
        .param("id", sender)
        .update();
    jdbc.sql("update jobs set lease_until = now() - interval '1 second' where id = :id")
        .param("id", id)
        .update();
    Eventually.value(
        () ->
            jdbc.sql("select count(*) from attempts where message_id = :id and outcome = 'crash'")
                .param("id", id)
                .query(Long.class)
                .single(),
        crashes -> crashes == 1);
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void refusesForgedCallbacks(CapturedOutput log) {
    String logger = "dev.postrider.delivery.ReceiptController";
    LoggingSystem logging = service.bean(LoggingSystem.class);
    logging.setLogLevel(logger, LogLevel.WARN);
    long id = send("forged", "");
    app.api().await(app.id(), id, "sent");
    String body =
        WahaSimulator.ack("default", "true_1@c.us_" + arrivals("forged").getFirst().key(), 3);
    String hook = app.api().url() + "/hooks/waha/" + sender;
    assertThat(WahaSimulator.callBack(hook, body, null)).isEqualTo(401);
    assertThat(WahaSimulator.callBack(hook, body, "another key")).isEqualTo(401);
    assertThat(WahaSimulator.callBack(app.api().url() + "/hooks/waha/999999", body, HMAC_KEY))
        .isEqualTo(401);
    assertThat(WahaSimulator.callBack(app.api().url() + "/hooks/sandbox/" + sender, body, HMAC_KEY))
        .isEqualTo(401);
    assertThat(log.getAll().lines().filter(it -> it.contains("callback.refused")))
        .as("the operator is told of each, and why")
        .hasSize(4)
        .anyMatch(it -> it.contains("there is no such sender of this provider"));
    logging.setLogLevel(logger, null);
    assertThat(app.api().show(app.id(), id).path("status").asString()).isEqualTo("sent");
  }

  @Test
  void aReceiptReachesOnlyMessagesOfTheSenderItCameThrough() {
    long id = send("whose receipt", "");
    app.api().await(app.id(), id, "sent");
    TestApp other = service.app();
    long otherSender =
        other
            .api()
            .get("/api/applications/" + other.id() + "/senders")
            .data()
            .path("items")
            .get(0)
            .path("sender_id")
            .asLong();
    String body =
        WahaSimulator.ack(
            "default", "true_1@c.us_" + arrivals("whose receipt").getFirst().key(), 3);
    assertThat(
            WahaSimulator.callBack(app.api().url() + "/hooks/waha/" + otherSender, body, HMAC_KEY))
        .isEqualTo(200);
    assertThat(app.api().show(app.id(), id).path("status").asString()).isEqualTo("sent");
  }
}
