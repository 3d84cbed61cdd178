package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import dev.postrider.testing.TwoNodes;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What an application may ask for in a time, on all nodes together. */
class LimitsE2ETest {
  private static TwoNodes nodes;
  private static RunningService node;
  private static RunningService otherNode;

  @BeforeAll
  static void start() {
    nodes = TwoNodes.start();
    node = nodes.one();
    otherNode = nodes.other();
  }

  @AfterAll
  static void stop() {
    nodes.close();
  }

  private static TestApp limited(String limits) {
    TestApp app = node.sandboxApp();
    Api.Answer answer = limit(app, limits);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return app;
  }

  private static Api.Answer limit(TestApp app, String limits) {
    return node.admin()
        .put("/api/applications/" + app.id() + "/policy", "{\"limits\":" + limits + "}");
  }

  private static String message(String priority) {
    return "{\"message_content\":\"x\",\"recipient\":\"+15551230000\",\"priority\":\"%s\"}"
        .formatted(priority);
  }

  private static Api.Answer batch(TestApp app, int count) {
    return app.api()
        .post(
            app.path() + "/batch",
            IntStream.range(0, count)
                .mapToObj(_ -> message("urgent"))
                .collect(Collectors.joining(",", "{\"messages\":[", "]}")));
  }

  @Test
  void requestsAreLimitedOnAllNodesTogether() {
    TestApp app = limited("{\"requests\":[{\"limit\":6,\"window_seconds\":3600}]}");
    Api other = new Api(otherNode.admin().url(), app.key());
    for (int i = 0; i < 3; i++) {
      Api.Answer one = app.api().get(app.path());
      assertThat(one.status()).isEqualTo(200);
      assertThat(one.header("RateLimit-Policy")).isEqualTo("\"requests-3600\";q=6;w=3600");
      assertThat(other.get(app.path()).status()).isEqualTo(200);
    }
    for (Api api : new Api[] {app.api(), other}) {
      Api.Answer refused = api.get(app.path());
      assertThat(refused.status()).as(refused.body()).isEqualTo(429);
      assertThat(refused.json().path("code").asString()).isEqualTo("rate_limited");
      assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 601);
      assertThat(refused.header("RateLimit")).startsWith("\"requests-3600\";r=0;t=");
    }
    assertThat(node.admin().get(app.path()).status()).as("the operator is not").isEqualTo(200);
  }

  @Test
  void messagesAreLimitedInBatchesAndAloneAndHoweverUrgent() {
    TestApp app =
        limited(
            "{\"messages\":[{\"limit\":10,\"window_seconds\":3600},"
                + "{\"limit\":50,\"window_seconds\":86400}]}");
    Api.Answer first = batch(app, 8);
    assertThat(first.status()).as(first.body()).isEqualTo(201);
    assertThat(first.header("RateLimit")).startsWith("\"messages-3600\";r=2;t=");
    Api.Answer tooMany = batch(app, 3);
    assertThat(tooMany.status()).as("all of them or none").isEqualTo(429);
    assertThat(app.api().post(app.path(), message("urgent")).status()).isEqualTo(201);
    assertThat(app.api().post(app.path(), message("low")).status()).isEqualTo(201);
    assertThat(app.api().post(app.path(), message("urgent")).status()).isEqualTo(429);
    assertThat(app.api().get(app.path()).data().path("items")).hasSize(10);
    Api.Answer never = batch(app, 11);
    assertThat(never.status()).as("it could never go").isEqualTo(422);
    assertThat(never.fields()).containsExactly("messages");
  }

  @Test
  void aDailyQuotaComesBackAtMidnight() {
    TestApp app = limited("{\"messages_per_day\":2}");
    assertThat(batch(app, 2).status()).isEqualTo(201);
    Api.Answer refused = app.api().post(app.path(), message("normal"));
    assertThat(refused.status()).isEqualTo(429);
    assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 86_401);
    assertThat(refused.header("RateLimit-Policy")).isEqualTo("\"messages-day\";q=2;w=86400");
  }

  @Test
  void redrivesAndSchedulesHaveNoMoreThanRequests() {
    TestApp app = limited("{\"messages_per_day\":2}");
    String rejected = "{\"message_content\":\"x\",\"recipient\":\"+15551230001\"}";
    app.api().await(app.id(), app.api().message(app.id(), rejected), "failed");
    app.api().await(app.id(), app.api().message(app.id(), rejected), "failed");
    Api.Answer ordered = app.api().post("/api/dead-letters/" + app.id() + "/redrive", "{}");
    long redrive = ordered.data().path("redrive_id").asLong();
    assertThat(ordered.data().path("total").asInt()).isEqualTo(2);
    Eventually.value(() -> isPutOff("redrive", redrive), it -> it);
    long schedule =
        app.api()
            .post(
                "/api/schedules/" + app.id(),
                "{\"schedule_name\":\"a\",\"cron\":\"0 9 * * *\",\"time_zone\":\"UTC\",\"message\":"
                    + message("normal")
                    + "}")
            .data()
            .path("schedule_id")
            .asLong();
    node.database()
        .jdbc()
        .sql(
            """
            with moved as (
              update schedules set next_at = date_trunc('minute', now())
               where schedule_id = :id returning next_at)
            update jobs set run_at = moved.next_at from moved where kind = 'schedule' and id = :id
            """)
        .param("id", schedule)
        .update();
    JsonNode missed =
        Eventually.value(
            () -> app.api().get("/api/schedules/" + app.id() + "/" + schedule).data(),
            it -> it.path("missed").asInt() == 1);
    assertThat(missed.path("last_error").asString()).contains("limit of messages");
    assertThat(app.api().get(app.path()).data().path("items")).hasSize(2);
  }

  private static boolean isPutOff(String kind, long id) {
    return node.database()
        .jdbc()
        .sql(
            """
            select count(*) > 0 from jobs
             where kind = :kind and id = :id and token is null
               and run_at > now() + interval '1 second'
            """)
        .param("kind", kind)
        .param("id", id)
        .query(Boolean.class)
        .single();
  }

  @Test
  void aRepeatedRequestCostsNothing() {
    TestApp app = limited("{\"messages\":[{\"limit\":2,\"window_seconds\":3600}]}");
    Map<String, String> key = Map.of("Idempotency-Key", "once");
    for (int i = 0; i < 5; i++) {
      assertThat(app.api().post(app.path(), message("normal"), key).status())
          .as("time %s", i)
          .isEqualTo(201);
    }
    assertThat(app.api().post(app.path(), message("normal")).status()).isEqualTo(201);
    assertThat(app.api().post(app.path(), message("normal")).status()).isEqualTo(429);
    assertThat(app.api().post(app.path(), message("normal"), key).status())
        .as("nor when nothing is left")
        .isEqualTo(201);
  }

  /**
   * Nodes tell of what they gave a little later: together they may exceed it by a fiftieth each.
   */
  @Test
  void aLargeLimitIsExceededByLittle() {
    TestApp app = limited("{\"messages\":[{\"limit\":1000,\"window_seconds\":86400}]}");
    TestApp elsewhere =
        new TestApp(app.id(), app.key(), new Api(otherNode.admin().url(), app.key()));
    int accepted = 0;
    boolean open = true;
    while (open && accepted < 2000) {
      int before = accepted;
      for (TestApp at : new TestApp[] {app, elsewhere}) {
        accepted += batch(at, 10).status() == 201 ? 10 : 0;
      }
      open = accepted > before;
    }
    assertThat(accepted).isBetween(1000, 1040);
  }

  /** It says what was left after the request it repeats, and nothing is taken by it. */
  @Test
  void aRepetitionSaysNothingOfWhatIsLeft() {
    TestApp app = limited("{\"messages\":[{\"limit\":10,\"window_seconds\":3600}]}");
    Map<String, String> key = Map.of("Idempotency-Key", "once");
    assertThat(app.api().post(app.path(), message("low"), key).header("RateLimit"))
        .contains("r=9;");
    Api.Answer again = app.api().post(app.path(), message("low"), key);
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.header("RateLimit")).isEmpty();
    assertThat(app.api().post(app.path(), message("low")).header("RateLimit")).contains("r=8;");
  }

  @Test
  void whatIsNotLimitedIsNotCounted() {
    TestApp app = node.sandboxApp();
    assertThat(app.api().get(app.path()).header("RateLimit")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"requests\":[{\"limit\":0,\"window_seconds\":60}]}|limits.requests.limit",
        "{\"requests\":[{\"limit\":5}]}|limits.requests",
        "{\"messages\":[{\"limit\":5,\"window_seconds\":99999}]}|limits.messages.window_seconds",
        "{\"messages\":[null]}|limits.messages",
        "{\"messages_per_day\":-1}|limits.messages_per_day"
      })
  void refusesLimitsThatMakeNoSense(String limits, String field) {
    Api.Answer answer = limit(node.sandboxApp(), limits);
    assertThat(answer.status()).as(answer.body()).isEqualTo(422);
    assertThat(answer.fields()).contains(field);
  }
}
