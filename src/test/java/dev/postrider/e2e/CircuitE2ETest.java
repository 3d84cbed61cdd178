package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.simulator.WahaSimulator;
import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import dev.postrider.testing.TwoNodes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** A sender's circuit: seen from every node, forced by hand. */
class CircuitE2ETest {
  private static TwoNodes nodes;
  private static RunningService node;
  private static RunningService otherNode;

  @BeforeAll
  static void start() {
    nodes =
        TwoNodes.start(
            // The wait is random up to this: practically never too short for what is looked at
            // meanwhile.
            "--postrider.circuit.first-wait=24h",
            "--postrider.circuit.longest-wait=24h",
            "--postrider.delivery.first-retry=100ms",
            "--postrider.delivery.longest-retry=200ms");
    node = nodes.one();
    otherNode = nodes.other();
  }

  @AfterAll
  static void stop() {
    nodes.close();
  }

  private static long send(TestApp app, String recipient) {
    return app.api()
        .message(app.id(), "{\"message_content\":\"x\",\"recipient\":\"%s\"}".formatted(recipient));
  }

  private static String circuit(TestApp app) {
    JsonNode senders = app.api().get("/api/applications/" + app.id() + "/senders").data();
    return "/api/applications/%d/senders/%d/circuit"
        .formatted(app.id(), senders.at("/items/0/sender_id").asLong());
  }

  private static JsonNode force(TestApp app, String forced) {
    Api.Answer answer = app.api().put(circuit(app), "{\"forced\":" + forced + "}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.data();
  }

  private static JsonNode explain(Api api, TestApp app, long id) {
    return api.get(app.path() + "/" + id + "/explain").data();
  }

  @Test
  void everyNodeKnowsWhichAreOpenAndWhy() {
    TestApp app = node.sandboxApp();
    assertThat(app.api().get(circuit(app)).data().path("state").asString()).isEqualTo("closed");
    long id = send(app, "+15551230010");
    Api other = new Api(otherNode.admin().url(), app.key());
    JsonNode open =
        Eventually.value(
            () -> other.get(circuit(app)).data(), it -> it.path("state").asString().equals("open"));
    assertThat(open.at("/nodes/0/code").asString()).isEqualTo("busy");
    assertThat(open.at("/nodes/0/openings").asInt()).isEqualTo(1);
    JsonNode explained = explain(other, app, id);
    assertThat(explained.path("reason").asString()).isEqualTo("circuit_open");
    assertThat(explained.path("because").asString()).contains("busy");
    assertThat(explained.path("next_move_at").asString())
        .isGreaterThanOrEqualTo(open.at("/nodes/0/until").asString());
    JsonNode planned =
        other
            .post(
                app.path() + "/plan",
                "{\"messages\":[{\"message_content\":\"x\",\"recipient\":\"+15551239999\"}]}")
            .data();
    assertThat(planned.at("/messages/0/holds/0/reason").asString()).isEqualTo("circuit_open");
    assertThat(otherNode.admin().get("/api/circuits?limit=200").body())
        .contains(
            "\"sender_id\":%d,\"app_id\":%d".formatted(open.path("sender_id").asLong(), app.id()));
    assertThat(node.admin().get("/actuator/prometheus").body()).contains("postrider_circuit_open");
    force(app, "null");
    JsonNode again = app.api().get(circuit(app)).data();
    assertThat(again.path("state").asString()).as("somebody said it is back").isEqualTo("closed");
    long neighbour = send(app, "+15551239999");
    app.api().await(app.id(), neighbour, "delivered");
  }

  @Test
  void forcedOpenHoldsEverythingOnEveryNodeUntilItIsLetGo() {
    TestApp app = node.sandboxApp();
    Api other = new Api(otherNode.admin().url(), app.key());
    assertThat(force(app, "\"open\"").path("state").asString()).isEqualTo("forced_open");
    Eventually.value(
        () -> other.get(circuit(app)).data(),
        it -> it.path("state").asString().equals("forced_open"));
    long here = send(app, "+15551239998");
    long there =
        other.message(app.id(), "{\"message_content\":\"x\",\"recipient\":\"+15551239997\"}");
    for (long id : new long[] {here, there}) {
      assertThat(explain(other, app, id).path("reason").asString())
          .isEqualTo("circuit_forced_open");
      assertThat(app.api().show(app.id(), id).path("status").asString()).isEqualTo("pending");
      assertThat(app.api().show(app.id(), id).path("attempts").asInt()).isZero();
    }
    force(app, "null");
    app.api().await(app.id(), here, "delivered");
    app.api().await(app.id(), there, "delivered");
  }

  /** Nobody could take such an order back. */
  @Test
  void anOrderEndsWithItsSenderOrItsApplication() {
    TestApp stays = node.sandboxApp();
    TestApp without = node.sandboxApp();
    TestApp gone = node.sandboxApp();
    String sender = without.firstSender();
    for (TestApp app : List.of(stays, without, gone)) {
      force(app, "\"open\"");
    }
    without.api().delete(sender);
    node.admin().delete("/api/applications/" + gone.id());
    Eventually.within(
        Duration.ofSeconds(20),
        () ->
            node.database()
                .jdbc()
                .sql(
                    """
                    select s.app_id from circuit_orders join senders s using (sender_id)
                     where forced is not null and s.app_id = any (:apps::bigint[])
                    """)
                .param("apps", new long[] {stays.id(), without.id(), gone.id()})
                .query(Long.class)
                .list(),
        it -> it.equals(List.of(stays.id())));
  }

  /** Its application is told once, whatever the number of nodes. */
  @Test
  void itsApplicationIsToldThatASenderIsDownAndBack() {
    TestApp app = node.sandboxApp();
    long id = send(app, "+15551230010");
    List<JsonNode> opened = told(app, 1);
    long sender = opened.getFirst().path("sender_id").asLong();
    assertThat(circuit(app)).contains("/senders/" + sender + "/");
    assertThat(opened.getFirst().path("type").asString()).isEqualTo("sender.circuit_opened");
    assertThat(opened.getFirst().path("code").asString()).isEqualTo("busy");
    assertThat(opened.getFirst().path("message_id").isNull()).isTrue();
    app.api().post(app.path() + "/" + id + "/cancel", "");
    force(app, "null");
    assertThat(told(app, 2).getLast().path("type").asString()).isEqualTo("sender.circuit_closed");
    force(app, "\"open\"");
    JsonNode forced = told(app, 3).getLast();
    assertThat(forced.path("type").asString()).isEqualTo("sender.circuit_opened");
    assertThat(forced.path("code").asString()).isEqualTo("forced_open");
    force(app, "null");
    told(app, 4);
  }

  private static List<JsonNode> told(TestApp app, int count) {
    return Eventually.value(
        () -> {
          List<JsonNode> events = new ArrayList<>();
          for (JsonNode event :
              app.api().get("/api/events/" + app.id() + "?after=0").data().path("items")) {
            if (event.path("type").asString().startsWith("sender.")) {
              events.add(event);
            }
          }
          return events;
        },
        it -> it.size() == count);
  }

  @Test
  void forcedClosedMakesCallsWhateverFails() {
    TestApp app = node.sandboxApp();
    assertThat(force(app, "\"closed\"").path("state").asString()).isEqualTo("forced_closed");
    long down = send(app, "+15551230010");
    Eventually.value(
        () -> app.api().get(app.path() + "/" + down + "/attempts").data().path("items"),
        it -> it.size() == 1);
    long neighbour = send(app, "+15551239999");
    app.api().await(app.id(), neighbour, "delivered");
    assertThat(app.api().get(circuit(app)).data().path("nodes")).isEmpty();
  }

  @Test
  void whatCannotBeOrderedIsSaid() {
    TestApp app = node.sandboxApp();
    Api.Answer refused = app.api().put(circuit(app), "{\"forced\":\"ajar\"}");
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.json().at("/errors/0/field").asString()).isEqualTo("forced");
    assertThat(app.api().put(circuit(app).replace("/senders/", "/senders/9"), "{}").status())
        .isEqualTo(404);
    assertThat(app.api().get("/api/circuits").status()).isEqualTo(403);
  }

  /** Each try would be two rows of each message's trail, every second, for as long as they live. */
  @Test
  void aSenderThatCannotBeUsedRestsAndItsApplicationIsTold() {
    try (WahaSimulator waha = new WahaSimulator("waha-key")) {
      TestApp app = node.app();
      long sender =
          node.admin()
              .post(
                  "/api/applications/" + app.id() + "/senders",
                  """
                  {"provider":"waha","settings":{"base_url":"%s"},"credentials":{"api_key":"waha-key"}}\
                  """
                      .formatted(waha.url()))
              .data()
              .path("sender_id")
              .asLong();
      String path = "/api/applications/" + app.id() + "/senders/" + sender;
      // By then nobody remembers the credentials any more.
      Instant later = Instant.now().plusSeconds(7);
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        ids.add(
            app.api()
                .message(
                    app.id(),
                    "{\"message_content\":\"x\",\"recipient\":\"+49151231000%d\",\"scheduled_for\":\"%s\"}"
                        .formatted(10 + i, later)));
      }
      JdbcClient sql = node.database().jdbc();
      sql.sql("update senders set credentials = '\\x00' where sender_id = :id")
          .param("id", sender)
          .update();
      JsonNode open =
          Eventually.within(
              Duration.ofSeconds(20),
              () -> app.api().get(circuit(app)).data(),
              it -> it.at("/nodes/0/code").asString("").equals("not_started"));
      assertThat(open.path("state").asString()).isEqualTo("open");
      Eventually.value(
          () -> app.api().get("/api/events/" + app.id() + "?limit=100").body(),
          it -> it.contains("sender.circuit_opened"));
      assertThat(
              sql.sql(
                      "select count(*) from message_logs where app_id = :app and event = 'released'")
                  .param("app", app.id())
                  .query(Integer.class)
                  .single())
          .as("one each, on one node or on both")
          .isLessThanOrEqualTo(2 * ids.size());
      Api.Answer named = app.api().patch(path, "{\"name\":\"Shop\"}");
      assertThat(named.status()).as(named.body()).isEqualTo(422);
      assertThat(named.fields()).containsExactly("credentials");
      assertThat(app.api().patch(path, "{\"credentials\":{\"api_key\":\"waha-key\"}}").status())
          .isEqualTo(200);
      force(app, "null");
      app.api().await(app.id(), send(app, "+4915123100099"), "sent");
    }
  }
}
