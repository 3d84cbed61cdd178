package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What failed is found, and sent again in bulk, once. */
class DeadLettersE2ETest {
  private final RunningService service = RunningService.shared();

  private static String path(TestApp app) {
    return "/api/dead-letters/" + app.id();
  }

  /** Rejected messages, and one that got through. */
  private static void reject(TestApp app, int count, String more) {
    String rejected = "{\"message_content\":\"x\",\"recipient\":\"+15551230001\"" + more + "}";
    String messages =
        IntStream.range(0, count).mapToObj(_ -> rejected).collect(Collectors.joining(","));
    Api.Answer answer =
        app.api()
            .post(
                app.path() + "/batch",
                "{\"messages\":["
                    + messages
                    + ",{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}]}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    Eventually.value(
        () -> app.api().get(app.path() + "?limit=200&status=pending").data().path("items").size(),
        waiting -> waiting == 0);
  }

  private static List<JsonNode> dead(TestApp app, String query) {
    return app.api()
        .get(path(app) + "?limit=200" + query)
        .data()
        .path("items")
        .valueStream()
        .toList();
  }

  private static JsonNode redriven(TestApp app, String filter) {
    Api.Answer ordered = app.api().post(path(app) + "/redrive", filter);
    assertThat(ordered.status()).as(ordered.body()).isEqualTo(201);
    long id = ordered.data().path("redrive_id").asLong();
    return Eventually.value(
        () -> app.api().get(path(app) + "/redrives/" + id).data(),
        it -> it.path("state").asString().equals("done"));
  }

  @Test
  void areFoundByWhyTheyDied() {
    TestApp app = service.sandboxApp();
    reject(app, 3, "");
    reject(app, 2, ",\"campaign_id\":\"spring\"");
    Eventually.value(() -> dead(app, ""), it -> it.size() == 5);
    assertThat(dead(app, "&code=unknown_recipient")).hasSize(5);
    assertThat(dead(app, "&code=timeout")).isEmpty();
    assertThat(dead(app, "&campaign_id=spring")).hasSize(2);
    assertThat(dead(app, "&created_to=2020-01-01T00:00:00Z")).isEmpty();
    assertThat(dead(service.sandboxApp(), "")).isEmpty();
  }

  /** Held because it may have arrived: who means all that failed does not mean it twice there. */
  @Test
  void whatMayHaveArrivedIsSentAgainOnlyWhenItIsAskedFor() {
    TestApp app = service.sandboxApp();
    reject(app, 3, "");
    Eventually.value(() -> dead(app, ""), it -> it.size() == 3);
    long held = dead(app, "").getFirst().path("message_id").asLong();
    service
        .database()
        .jdbc()
        .sql("update messages set code = 'uncertain' where app_id = :app and message_id = :id")
        .param("app", app.id())
        .param("id", held)
        .update();
    JsonNode all = redriven(app, "{}");
    assertThat(all.path("total").asLong()).isEqualTo(2);
    assertThat(all.path("redriven").asLong()).isEqualTo(2);
    assertThat(dead(app, "&code=uncertain")).hasSize(1);
    assertThat(redriven(app, "{\"code\":\"uncertain\"}").path("redriven").asLong()).isOne();
    assertThat(dead(app, "&code=uncertain")).isEmpty();
  }

  /**
   * Two hundred of these at once, which is what a page or a step may have, fill a node's memory.
   */
  @Test
  void pagesAndStepsEndBeforeTheyAreTooLarge() {
    TestApp app = service.sandboxApp();
    String data = Base64.getEncoder().encodeToString(new byte[900_000]);
    for (int i = 0; i < 5; i++) {
      app.api()
          .post(
              app.path() + "/batch",
              """
              {"messages":[{"message_content":"x","recipient":"+15551230001","message_type":"file",
                "media":{"data":"%s","mimetype":"text/plain","filename":"a.txt"}}]}
              """
                  .formatted(data));
    }
    reject(app, 30, "");
    service
        .database()
        .jdbc()
        .sql(
            """
            update messages set message_content = repeat('x', 100000)
             where app_id = :app and media_type is null
            """)
        .param("app", app.id())
        .update();
    Eventually.value(
        () -> app.api().get(path(app) + "?limit=200").data(),
        page -> page.path("items").size() > 10 && !page.path("next_cursor").isNull());
    List<JsonNode> all = new ArrayList<>();
    Eventually.value(
        () -> {
          all.clear();
          String cursor = "";
          do {
            JsonNode page = app.api().get(path(app) + "?limit=200" + cursor).data();
            all.addAll(page.path("items").valueStream().toList());
            cursor =
                page.path("next_cursor").isNull()
                    ? ""
                    : "&cursor=" + page.path("next_cursor").asString();
          } while (!cursor.isEmpty());
          return all.size();
        },
        found -> found == 35);
    assertThat(all.getLast().at("/media/bytes").asInt()).isEqualTo(900_000);
    JsonNode redriven = redriven(app, "{}");
    assertThat(redriven.path("redriven").asInt()).isEqualTo(35);
    long again =
        service
            .database()
            .jdbc()
            .sql(
                """
                select count(*) from messages
                 where app_id = :app and retry_of is not null
                   and octet_length(media_data) = 900000
                """)
            .param("app", app.id())
            .query(Long.class)
            .single();
    assertThat(again).isEqualTo(5);
  }

  @Test
  void areSentAgainOnceEachWithProgress() {
    TestApp app = service.sandboxApp();
    reject(app, 450, ",\"campaign_id\":\"spring\"");
    reject(app, 7, ",\"campaign_id\":\"autumn\"");
    Eventually.value(
        () -> app.api().get("/api/campaigns/" + app.id() + "/spring").data(),
        it -> it.path("messages").path("failed").asInt() == 450);
    Eventually.value(() -> dead(app, "&campaign_id=autumn"), it -> it.size() == 7);
    JsonNode done = redriven(app, "{\"campaign_id\":\"spring\"}");
    assertThat(done.path("total").asInt()).isEqualTo(450);
    assertThat(done.path("redriven").asInt()).isEqualTo(450);
    assertThat(done.path("skipped").asInt()).isZero();
    long again =
        service
            .database()
            .jdbc()
            .sql("select count(distinct retry_of) from messages where app_id = :app")
            .param("app", app.id())
            .query(Long.class)
            .single();
    assertThat(again).isEqualTo(450);
    // The new ones are rejected, too; the old ones are not dead letters any more.
    Eventually.value(() -> dead(app, "&campaign_id=autumn"), it -> it.size() == 7);
    assertThat(redriven(app, "{\"campaign_id\":\"winter\"}").path("redriven").asInt()).isZero();
  }

  /** A redrive that asked for a whole day's limit would never get it beside anybody else. */
  @Test
  void areSentAgainAsFarAsTheLimitReaches() {
    TestApp app = service.sandboxApp();
    reject(app, 20, "");
    Eventually.value(() -> dead(app, ""), it -> it.size() == 20);
    service
        .admin()
        .put(
            "/api/applications/" + app.id() + "/policy",
            "{\"limits\":{\"messages\":[{\"limit\":15,\"window_seconds\":3600}]}}");
    Eventually.value(
        () ->
            app.api()
                .post(app.path(), "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}")
                .header("RateLimit"),
        it -> it.contains("r=14"));
    Api.Answer ordered = app.api().post(path(app) + "/redrive", "{}");
    long id = ordered.data().path("redrive_id").asLong();
    Eventually.value(
        () -> app.api().get(path(app) + "/redrives/" + id).data().path("redriven").asInt(),
        it -> it == 14);
  }

  @Test
  void areNotSentWhenTheirSenderIsGone() {
    TestApp app = service.sandboxApp();
    long other = app.sender("{\"provider\":\"sandbox\",\"address\":\"+15559990000\"}");
    reject(app, 2, ",\"sender_id\":" + other);
    Eventually.value(() -> dead(app, ""), it -> it.size() == 2);
    app.api().delete("/api/applications/" + app.id() + "/senders/" + other);
    JsonNode done = redriven(app, "{}");
    assertThat(done.path("skipped").asInt()).isEqualTo(2);
    assertThat(app.api().get(path(app) + "/redrives").data().path("items")).hasSize(1);
  }

  @Test
  void anOrderIsRepeatedSafelyAndCanBeStopped() {
    TestApp app = service.sandboxApp();
    Map<String, String> key = Map.of("Idempotency-Key", "redrive-1");
    Api.Answer first = app.api().post(path(app) + "/redrive", "{}", key);
    Api.Answer second = app.api().post(path(app) + "/redrive", "{}", key);
    assertThat(second.body()).isEqualTo(first.body());
    long id = first.data().path("redrive_id").asLong();
    String state =
        app.api()
            .post(path(app) + "/redrives/" + id + "/cancel", "{}")
            .data()
            .path("state")
            .asString();
    assertThat(state).isIn("done", "canceled");
    assertThat(app.api().get(path(app) + "/redrives/999999").status()).isEqualTo(404);
    Api.Answer wrong = app.api().post(path(app) + "/redrive", "{\"created_from\":\"x\"}");
    assertThat(wrong.fields()).containsExactly("created_from");
  }
}
