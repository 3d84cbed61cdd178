package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a message is said to wait for, where that takes more than its own row to know. */
class ExplainE2ETest {
  private final RunningService service = RunningService.shared();

  private static JsonNode explain(TestApp app, long id) {
    return app.api().get(app.path() + "/" + id + "/explain").data();
  }

  private static long send(TestApp app, String more) {
    return app.api().message(app.id(), text(more));
  }

  private static String text(String more) {
    return "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"" + more + "}";
  }

  private static String later() {
    return ",\"scheduled_for\":\"" + Instant.now().plusSeconds(3600) + "\"";
  }

  @Test
  void tellsAboutWhenAPacedMessageGoesAndWhatEndsAPause() {
    TestApp app = service.sandboxApp();
    String sender = app.firstSender();
    app.api().put(sender + "/policy", "{\"pacing\":{\"per_hour\":1}}");
    // The first place is taken at once; whoever comes next waits for an hour.
    app.api().await(app.id(), send(app, ""), "delivered");
    long first = send(app, "");
    long second = send(app, "");
    JsonNode told =
        Eventually.value(
            () -> explain(app, second), it -> it.path("reason").asString().equals("paced"));
    assertThat(told.path("because").asString()).contains("one message in 60 min");
    assertThat(Instant.parse(told.path("next_move_at").asString()))
        .isBetween(
            Instant.now().plus(Duration.ofMinutes(59)),
            Instant.now().plus(Duration.ofMinutes(121)));
    app.api().put(sender + "/policy", "{}");
    app.api().post(sender + "/pause", "");
    assertThat(explain(app, first).path("because").asString())
        .startsWith("Its sender is paused since")
        .contains("POST " + sender + "/resume ends that");
  }

  @Test
  void aScheduledMessageOfADeletedSenderIsToldToFail() {
    TestApp app = service.sandboxApp();
    long id = send(app, later());
    long sender = app.api().show(app.id(), id).path("sender_id").asLong();
    app.api().delete("/api/applications/" + app.id() + "/senders/" + sender);
    JsonNode told =
        Eventually.value(
            () -> explain(app, id), it -> it.path("reason").asString().equals("sender_deleted"));
    assertThat(told.path("next_move_at").isNull()).isFalse();
  }

  /** As after a restore with another master key: an answer is what is needed most then. */
  @Test
  void aSenderWhoseCredentialsDoNotOpenIsNoError() {
    TestApp app = service.app();
    long sender =
        app.sender(
            """
            {"provider":"waha","settings":{"base_url":"http://127.0.0.1:9","session":"sealed"},
             "credentials":{"api_key":"k"}}\
            """);
    long id = send(app, later());
    service
        .database()
        .jdbc()
        .sql("update senders set credentials = '\\x00' where sender_id = :id")
        .param("id", sender)
        .update();
    JsonNode told =
        Eventually.within(
            Duration.ofSeconds(20),
            () -> explain(app, id),
            it -> it.path("reason").asString().equals("sender_sealed"));
    assertThat(told.path("because").asString()).contains("another master key");
    // Nobody's request is wrong: it may be sent again, and says what must be mended before.
    Api.Answer refused = app.api().post(app.path(), text(""));
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("Retry-After")).isEqualTo("60");
    assertThat(refused.json().path("detail").asString()).contains("sender_id", "master key");
    assertThat(app.api().post(app.path() + "/batch", "{\"messages\":[" + text("") + "]}").status())
        .isEqualTo(503);
    Api.Answer callback = app.api().post("/hooks/waha/" + sender, "{}");
    assertThat(callback.status()).as("it may be mended: the provider comes again").isEqualTo(503);
    app.api().post(app.path() + "/" + id + "/cancel", "");
    assertThat(explain(app, id).path("reason").asString()).isEqualTo("canceled");
  }
}
