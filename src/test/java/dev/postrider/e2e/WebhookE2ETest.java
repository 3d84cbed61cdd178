package dev.postrider.e2e;

import static dev.postrider.testing.StandardWebhooks.verifies;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.Json;
import dev.postrider.simulator.HttpStub;
import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import dev.postrider.testing.TwoNodes;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Applications are told what became of their messages: the log, and signed webhooks from it. */
class WebhookE2ETest {
  private static TwoNodes nodes;
  private static RunningService node;
  private static RunningService otherNode;

  @BeforeAll
  static void start() {
    nodes =
        TwoNodes.start(
            "--postrider.webhook.timeout=2s",
            "--postrider.webhook.retry-after=100ms,200ms,200ms,200ms,200ms,200ms",
            "--postrider.webhook.first-pause=50ms",
            "--postrider.webhook.longest-pause=200ms",
            // Twice what three events take that are refused seven times each, on a slow machine.
            "--postrider.webhook.disable-after=8s");
    node = nodes.one();
    otherNode = nodes.other();
  }

  @AfterAll
  static void stop() {
    nodes.close();
  }

  /** Somebody who wants to be told. */
  private static final class Receiver implements AutoCloseable {
    final ConcurrentLinkedQueue<HttpStub.Request> came = new ConcurrentLinkedQueue<>();
    final Set<String> taken = ConcurrentHashMap.newKeySet();
    volatile Function<HttpStub.Request, HttpStub.Answer> mood = _ -> HttpStub.json(200, "{}");
    final HttpStub stub =
        new HttpStub(request -> {
          came.add(request);
          HttpStub.Answer answer = mood.apply(request);
          if (answer instanceof HttpStub.Answer.Full(var status, _, _) && status == 200) {
            taken.add(request.header("webhook-id"));
          }
          return answer;
        });

    List<JsonNode> bodies() {
      return came.stream().map(it -> Json.mapper().readTree(it.body())).toList();
    }

    @Override
    public void close() {
      stub.close();
    }
  }

  private static String endpoints(TestApp app) {
    return "/api/webhooks/" + app.id() + "/endpoints";
  }

  /** With the operator's key: the receivers of this test are private and without TLS. */
  private static JsonNode endpoint(TestApp app, Receiver receiver, String more) {
    Api.Answer made =
        node.admin()
            .post(endpoints(app), "{\"url\":\"" + receiver.stub.url() + "/hook\"" + more + "}");
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    return made.data();
  }

  private static String path(TestApp app, JsonNode made) {
    return endpoints(app) + "/" + made.at("/endpoint/endpoint_id").asLong();
  }

  private static long send(TestApp app) {
    return app.api()
        .message(
            app.id(),
            "{\"message_content\":\"x\",\"recipient\":\"+15551239999\",\"metadata\":{\"order\":7}}");
  }

  private static JsonNode events(TestApp app, long after) {
    return app.api().get("/api/events/" + app.id() + "?after=" + after).data();
  }

  @Test
  void theCallersTraceGoesAlong() {
    TestApp app = node.sandboxApp();
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    try (Receiver receiver = new Receiver()) {
      endpoint(app, receiver, "");
      app.api()
          .post(
              app.path(),
              "{\"message_content\":\"x\",\"recipient\":\"+15551239999\"}",
              Map.of("traceparent", trace, "X-Correlation-ID", "order-7"));
      Eventually.value(receiver.came::size, it -> it >= 3);
      assertThat(receiver.came)
          .allMatch(it -> it.header("traceparent").equals(trace))
          .allMatch(it -> it.header("x-correlation-id").equals("order-7"));
    }
  }

  @Test
  void everyChangeIsToldOnceSignedAndNumbered() {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      JsonNode made = endpoint(app, receiver, "");
      long id = send(app);
      app.api().await(app.id(), id, "delivered");
      Eventually.value(receiver.came::size, it -> it >= 3);
      String secret = made.path("secret").asString();
      assertThat(receiver.came)
          .as("verified by the standard's own library")
          .allMatch(it -> verifies(secret, it));
      assertThat(receiver.came).noneMatch(it -> verifies(otherSecret(app, receiver), it));
      assertThat(receiver.bodies().stream().map(it -> it.path("type").asString()))
          .containsExactlyInAnyOrder("message.accepted", "message.sent", "message.delivered");
      JsonNode delivered =
          receiver.bodies().stream()
              .filter(it -> it.path("type").asString().equals("message.delivered"))
              .findFirst()
              .orElseThrow();
      assertThat(delivered.at("/data/message_id").asLong()).isEqualTo(id);
      assertThat(delivered.at("/data/metadata/order").asInt()).isEqualTo(7);
      assertThat(delivered.at("/data/previous_status").asString()).isEqualTo("sent");
      JsonNode log = events(app, 0);
      assertThat(log.path("items").valueStream().map(it -> it.path("seq").asLong()))
          .containsExactly(1L, 2L, 3L);
      assertThat(log.path("newest").asLong()).isEqualTo(3);
      assertThat(events(app, 2).path("items")).hasSize(1);
      assertThat(receiver.taken)
          .isEqualTo(
              Set.copyOf(
                  log.path("items").valueStream().map(it -> it.path("id").asString()).toList()));
      JsonNode deliveries = app.api().get(path(app, made) + "/deliveries").data().path("items");
      assertThat(deliveries).hasSize(3);
      assertThat(deliveries.get(0).path("status").asInt()).isEqualTo(200);
    }
  }

  private static String otherSecret(TestApp app, Receiver receiver) {
    return endpoint(app, receiver, ",\"enabled\":false").path("secret").asString();
  }

  @Test
  void twoNodesNumberTheirEventsInOneLogAndTellEachOnce() {
    TestApp app = node.sandboxApp();
    Api other = new Api(otherNode.admin().url(), app.key());
    try (Receiver receiver = new Receiver()) {
      endpoint(app, receiver, ",\"event_types\":[\"message.delivered\"]");
      int each = 100;
      List<Thread> callers =
          IntStream.range(0, each)
              .mapToObj(i ->
                  Thread.ofVirtual()
                      .start(() -> {
                        Api api = i % 2 == 0 ? app.api() : other;
                        api.message(
                            app.id(),
                            "{\"message_content\":\"x\",\"recipient\":\"+1555123%04d\"}"
                                .formatted(9000 + i));
                      }))
              .toList();
      callers.forEach(WebhookE2ETest::join);
      Eventually.value(receiver.taken::size, it -> it == each);
      assertThat(receiver.came).as("each once").hasSize(each);
      assertThat(receiver.bodies())
          .allMatch(it -> it.path("type").asString().endsWith("delivered"));
      JsonNode log =
          Eventually.value(
              () -> app.api().get("/api/events/" + app.id() + "?limit=1000").data().path("items"),
              it -> it.size() == 3 * each);
      assertThat(log.valueStream().map(it -> it.path("seq").asLong()))
          .containsExactlyElementsOf(LongStream.rangeClosed(1, 3L * each).boxed().toList());
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatIsNotTakenIsTriedAgainWithTheSameIdAndNobodyWaitsForIt() {
    TestApp app = node.sandboxApp();
    AtomicInteger refused = new AtomicInteger();
    try (Receiver receiver = new Receiver()) {
      receiver.mood =
          request ->
              request.text().contains("message.sent") && refused.incrementAndGet() <= 2
                  ? HttpStub.json(500, "{\"error\":\"not today\"}")
                  : HttpStub.json(200, "{}");
      JsonNode made = endpoint(app, receiver, "");
      app.api().await(app.id(), send(app), "delivered");
      Eventually.value(receiver.taken::size, it -> it == 3);
      List<HttpStub.Request> tries =
          receiver.came.stream().filter(it -> it.text().contains("message.sent")).toList();
      assertThat(tries).hasSize(3);
      assertThat(tries.stream().map(it -> it.header("webhook-id")).distinct()).hasSize(1);
      assertThat(tries.stream().map(HttpStub.Request::text).distinct())
          .as("the same bytes")
          .hasSize(1);
      JsonNode failed =
          app.api().get(path(app, made) + "/deliveries?failed_only=true").data().path("items");
      assertThat(failed).hasSize(2);
      assertThat(failed.get(0).path("code").asString()).isEqualTo("http_500");
      assertThat(failed.get(0).path("excerpt").asString()).contains("not today");
    }
  }

  @Test
  void aRetryAfterIsKept() {
    TestApp app = node.sandboxApp();
    AtomicInteger calls = new AtomicInteger();
    try (Receiver receiver = new Receiver()) {
      receiver.mood =
          _ ->
              calls.incrementAndGet() == 1
                  ? new HttpStub.Answer.Full(429, Map.of("Retry-After", "2"), new byte[0])
                  : HttpStub.json(200, "{}");
      endpoint(app, receiver, ",\"event_types\":[\"message.delivered\"]");
      Instant before = Instant.now();
      send(app);
      Eventually.value(receiver.taken::size, it -> it == 1);
      assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void oneThatIsGoneIsDisabledAndCatchesUpWhenItIsBack() {
    TestApp app = node.sandboxApp();
    try (Receiver gone = new Receiver();
        Receiver other = new Receiver()) {
      gone.mood = _ -> HttpStub.json(410, "");
      JsonNode made = endpoint(app, gone, ",\"event_types\":[\"message.delivered\"]");
      endpoint(app, other, ",\"event_types\":[\"endpoint.disabled\"]");
      send(app);
      JsonNode disabled =
          Eventually.value(
              () -> app.api().get(path(app, made)).data(), it -> !it.path("enabled").asBoolean());
      assertThat(disabled.path("disabled_why").asString()).isEqualTo("gone");
      Eventually.value(other.taken::size, it -> it == 1);
      assertThat(other.bodies().getFirst().at("/data/code").asString()).isEqualTo("gone");
      app.api().await(app.id(), send(app), "delivered");
      app.api().await(app.id(), send(app), "delivered");
      gone.mood = _ -> HttpStub.json(200, "");
      Api.Answer enabled = node.admin().patch(path(app, made), "{\"enabled\":true}");
      assertThat(enabled.status()).as(enabled.body()).isEqualTo(200);
      Eventually.value(gone.taken::size, it -> it == 3);
    }
  }

  @Test
  void oneThatFailsForTooLongIsDisabled() {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      receiver.mood = _ -> HttpStub.json(503, "");
      JsonNode made = endpoint(app, receiver, "");
      app.api().await(app.id(), send(app), "delivered");
      JsonNode disabled =
          Eventually.within(
              Duration.ofSeconds(20),
              () -> app.api().get(path(app, made)).data(),
              it -> !it.path("enabled").asBoolean());
      assertThat(disabled.path("disabled_why").asString()).isEqualTo("failing");
      assertThat(receiver.came.size()).as("more tries than an event has").isGreaterThan(3 * 7);
      receiver.mood = _ -> HttpStub.json(200, "");
      node.admin().patch(path(app, made), "{\"enabled\":true}");
      // The three of its message, and that it was disabled.
      Eventually.value(receiver.taken::size, it -> it == 4);
    }
  }

  @Test
  void anEventThatItAloneRefusesIsGivenUpInTheEnd() {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      receiver.mood =
          request -> HttpStub.json(request.text().contains("message.sent") ? 500 : 200, "");
      JsonNode made = endpoint(app, receiver, "");
      app.api().await(app.id(), send(app), "delivered");
      Eventually.value(
          () -> {
            app.api().post(path(app, made) + "/replay", "{\"seq\":1}"); // it takes others
            return receiver.came.stream().filter(it -> it.text().contains("message.sent")).count();
          },
          it -> it == 7);
      Eventually.value(
          () -> app.api().get(path(app, made)).data().path("waiting").asInt(), it -> it == 0);
      assertThat(app.api().get(path(app, made)).data().path("enabled").asBoolean()).isTrue();
      assertThat(receiver.taken).hasSize(2);
    }
  }

  /** Beyond these nothing new is cut: it would miss what it takes for what it refuses. */
  @ParameterizedTest
  @CsvSource({"15001, 422, 5", "17501, 422, 1", "17501, 429, 5"})
  void whatAnEndpointRefusesByTheThousandIsGivenUpEarly(int waiting, int status, int times) {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      receiver.mood =
          request -> HttpStub.json(request.text().contains("message.sent") ? status : 200, "");
      JsonNode made = endpoint(app, receiver, "");
      sql()
          .sql(
              """
              insert into notices (endpoint_id, next_seq, last_seq)
              select :endpoint, 1000000 + n, 1000000 + n from generate_series(1, :waiting) as n
              """)
          .param("waiting", waiting)
          .param("endpoint", made.at("/endpoint/endpoint_id").asLong())
          .update();
      app.api().await(app.id(), send(app), "delivered");
      Eventually.value(
          () -> {
            takesSomething(app, made);
            return receiver.taken.size() == 2 && refused(receiver) > 0 && jobsOf(app) == 0;
          },
          it -> it);
      assertThat(refused(receiver)).as("times; seven, were there less").isEqualTo(times);
    }
  }

  /** As a delivery of something else would say; a replay has no room beside so much. */
  private static void takesSomething(TestApp app, JsonNode made) {
    sql()
        .sql("update endpoints set failing_since = null where app_id = ? and endpoint_id = ?")
        .params(app.id(), made.at("/endpoint/endpoint_id").asLong())
        .update();
  }

  /** Its rest would be an hour: the first refusal of its own would keep it from all the others. */
  @Test
  void whatAnEndpointRefusesKeepsItFromNothingElse() {
    try (RunningService patient = patient();
        Receiver receiver = new Receiver()) {
      TestApp app = patient.sandboxApp();
      receiver.mood =
          request -> HttpStub.json(request.text().contains("message.sent") ? 422 : 200, "");
      endpoint(patient, app, receiver);
      for (int i = 0; i < 20; i++) {
        app.api().await(app.id(), send(app), "delivered");
      }
      Eventually.value(receiver.taken::size, it -> it == 40);
      Eventually.value(() -> refused(receiver), it -> it == 40);
    }
  }

  /**
   * Ten in a row are no event's own fault; those under way beside them came, each perhaps twice.
   */
  @ParameterizedTest
  @ValueSource(ints = {404, 503})
  void anEndpointThatTakesNothingRests(int status) {
    try (RunningService patient = patient();
        Receiver receiver = new Receiver()) {
      TestApp app = patient.sandboxApp();
      receiver.mood = _ -> HttpStub.json(status, "");
      endpoint(patient, app, receiver);
      for (int i = 0; i < 20; i++) {
        app.api().await(app.id(), send(app), "delivered");
      }
      Eventually.value(
          () -> app.api().get(endpoints(app)).data().at("/items/0/next_seq").asInt(),
          it -> it == 61);
      // All sixty, and each of them again, without a rest.
      Eventually.holds(Duration.ofSeconds(2), () -> receiver.came.size() <= 2 * (10 + 16));
    }
  }

  /** Its rests last an hour, and what it refused comes again at once and then in an hour. */
  private static RunningService patient() {
    return RunningService.start(
        Map.of(),
        "--postrider.webhook.retry-after=50ms,1h",
        "--postrider.webhook.first-pause=1h",
        "--postrider.webhook.longest-pause=1h");
  }

  private static void endpoint(RunningService at, TestApp app, Receiver receiver) {
    assertThat(
            at.admin()
                .post(endpoints(app), "{\"url\":\"" + receiver.stub.url() + "/hook\"}")
                .status())
        .isEqualTo(201);
  }

  /** Once it was told of for the last time it would be gone with the next refusal. */
  @Test
  void whatWaitsForAnEndpointHasAllItsTriesAgainWhenItIsEnabled() {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      JsonNode made = endpointThatRefusesAMessage(app, receiver);
      node.admin().patch(path(app, made), "{\"enabled\":false}");
      Eventually.value(
          () ->
              sql()
                  .sql(
                      """
                      update jobs set counted = 99, run_at = now() + interval '1 day'
                       where kind = 'notify' and app_id = ? and token is null
                      """)
                  .param(app.id())
                  .update(),
          it -> it == 3);
      int before = receiver.came.size();
      node.admin().patch(path(app, made), "{\"enabled\":true}");
      Eventually.value(receiver.came::size, it -> it > before + 3);
      assertThat(jobsOf(app)).as("none is given up").isEqualTo(3);
      receiver.mood = _ -> HttpStub.json(200, "");
      Eventually.value(receiver.taken::size, it -> it == 3);
    }
  }

  /** It was changed while the old one was being called. */
  @Test
  void whatItsOldUrlAnswersSaysNothingOfTheNewOne() {
    TestApp app = node.sandboxApp();
    try (Receiver old = new Receiver();
        Receiver moved = new Receiver()) {
      JsonNode made = endpoint(app, old, ",\"event_types\":[\"message.delivered\"]");
      old.mood =
          _ -> {
            node.admin().patch(path(app, made), "{\"url\":\"" + moved.stub.url() + "/hook\"}");
            return HttpStub.json(410, "");
          };
      send(app);
      Eventually.value(moved.taken::size, it -> it == 1);
      JsonNode now = app.api().get(path(app, made)).data();
      assertThat(now.path("enabled").asBoolean()).isTrue();
      assertThat(now.path("failing_since").isNull()).isTrue();
    }
  }

  /** A run tells of many events, for seconds: a change need not wait for its end. */
  @Test
  void aRunNoticesThatItsEndpointWasChanged() {
    TestApp app = node.sandboxApp();
    AtomicReference<Instant> last = new AtomicReference<>(Instant.EPOCH);
    try (Receiver old = new Receiver();
        Receiver moved = new Receiver()) {
      JsonNode made = endpoint(app, old, ",\"event_types\":[\"message.accepted\"]");
      old.mood =
          _ -> {
            last.set(Instant.now());
            LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
            return HttpStub.json(200, "");
          };
      String message = "{\"message_content\":\"x\",\"recipient\":\"+15551239999\"}";
      Api.Answer answer =
          app.api()
              .post(
                  app.path() + "/batch",
                  "{\"messages\":[" + String.join(",", Collections.nCopies(200, message)) + "]}");
      assertThat(answer.status()).as(answer.body()).isEqualTo(201);
      Eventually.value(old.came::size, it -> it > 0);
      node.admin().patch(path(app, made), "{\"url\":\"" + moved.stub.url() + "/hook\"}");
      Instant changed = Instant.now();
      Eventually.within(
          Duration.ofSeconds(20), () -> old.taken.size() + moved.taken.size(), it -> it >= 200);
      // A second, for which an endpoint is remembered; a run of the whole notice takes five.
      assertThat(last.get()).isBefore(changed.plusSeconds(3));
      assertThat(moved.taken).hasSizeGreaterThan(100);
    }
  }

  /** An outage that is long over must not count when the next one begins. */
  @Test
  void whereNothingIsLeftToTellNothingIsFailing() {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      JsonNode made = endpointThatRefusesAMessage(app, receiver);
      Eventually.value(
          () -> app.api().get(path(app, made)).data(), it -> !it.path("failing_since").isNull());
      node.admin().patch(path(app, made), "{\"event_types\":[\"message.expired\"]}");
      Eventually.value(
          () -> app.api().get(path(app, made)).data(), it -> it.path("waiting").asInt() == 0);
      assertThat(app.api().get(path(app, made)).data().path("failing_since").isNull()).isTrue();
    }
  }

  /** As after a restore with another master key, or a damaged row. */
  @Test
  void secretsThatDoNotOpenKeepNobodyElseWaiting() {
    TestApp app = node.sandboxApp();
    try (Receiver broken = new Receiver();
        Receiver good = new Receiver()) {
      JsonNode sealed = endpoint(app, broken, "");
      endpoint(app, good, "");
      sql()
          .sql("update endpoints set secrets = '\\x00' where endpoint_id = :id")
          .param("id", sealed.at("/endpoint/endpoint_id").asLong())
          .update();
      for (int i = 0; i < 5; i++) {
        app.api().await(app.id(), send(app), "delivered");
      }
      Eventually.value(good.taken::size, it -> it == 15);
      assertThat(broken.came).isEmpty();
      assertThat(jobsOf(app)).as("what waits for it is kept").isPositive();
      String path = path(app, sealed);
      assertThat(app.api().get(endpoints(app)).data().path("items")).hasSize(2);
      assertThat(app.api().post(path + "/test", "").status()).isEqualTo(409);
      assertThat(broken.came).as("nothing goes without a signature").isEmpty();
      String secret = app.api().post(path + "/rotate", "{}").data().path("secret").asString();
      assertThat(app.api().post(path + "/test", "").status()).isEqualTo(200);
      assertThat(broken.came).hasSize(1).allMatch(it -> verifies(secret, it));
      assertThat(app.api().delete(path).status()).isLessThan(300);
    }
  }

  private static long refused(Receiver receiver) {
    return receiver.came.stream().filter(it -> it.text().contains("message.sent")).count();
  }

  private static int jobsOf(TestApp app) {
    return sql()
        .sql("select count(*) from jobs where kind = 'notify' and app_id = :app")
        .param("app", app.id())
        .query(Integer.class)
        .single();
  }

  private static JdbcClient sql() {
    return node.bean(JdbcClient.class);
  }

  /** Its three events are cut, and wait. */
  private static JsonNode endpointThatRefusesAMessage(TestApp app, Receiver receiver) {
    receiver.mood = _ -> HttpStub.json(503, "");
    JsonNode made = endpoint(app, receiver, "");
    app.api().await(app.id(), send(app), "delivered");
    Eventually.value(
        () -> app.api().get(path(app, made)).data().path("next_seq").asInt(), it -> it == 4);
    return made;
  }

  /** Two nodes of which one is newer: what it does not know must not pass for told. */
  @Test
  void whatANewerNodeWroteWaitsForOneThatKnowsIt() {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      JsonNode made = endpointThatRefusesAMessage(app, receiver);
      rename(app, "message.sent", "message.teleported");
      // A try that read its event before that may be on its way.
      receiver.mood =
          request -> HttpStub.json(request.text().contains("message.sent") ? 503 : 200, "");
      Eventually.value(receiver.taken::size, it -> it == 2);
      assertThat(app.api().get(path(app, made)).data().path("waiting").asInt()).isPositive();
      rename(app, "message.teleported", "message.sent");
      receiver.mood = _ -> HttpStub.json(200, "");
      Eventually.value(receiver.taken::size, it -> it == 3);
    }
  }

  private static void rename(TestApp app, String from, String to) {
    sql()
        .sql("update event_batches set events = replace(events, :from, :to) where app_id = :app")
        .param("from", from)
        .param("to", to)
        .param("app", app.id())
        .update();
  }

  @Test
  void whatTheLogHasForgottenWaitsForNobody() {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      JsonNode made = endpointThatRefusesAMessage(app, receiver);
      sql().sql("delete from event_batches where app_id = :app").param("app", app.id()).update();
      Eventually.value(
          () -> app.api().get(path(app, made)).data().path("waiting").asInt(), it -> it == 0);
      assertThat(receiver.taken).isEmpty();
    }
  }

  @Test
  void aReplaySaysHowFarItGoes() {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      String path = path(app, endpoint(app, receiver, ",\"enabled\":false"));
      sql()
          .sql(
              """
              with head as (insert into event_heads (app_id, last_seq) values (:app, 150000))
              insert into event_batches (app_id, last_seq, first_seq, at, events)
              values (:app, 150000, 1, now(), '[]')
              """)
          .param("app", app.id())
          .update();
      JsonNode all =
          app.api().post(path + "/replay", "{\"since\":\"2026-11-25T00:00:00Z\"}").data();
      assertThat(all.path("from_seq").asLong()).isEqualTo(1);
      assertThat(all.path("to_seq").asLong()).isEqualTo(100_000);
      Api.Answer rest = app.api().post(path + "/replay", "{\"from_seq\":1,\"to_seq\":150000}");
      assertThat(rest.json().at("/errors/0/field").asString()).isEqualTo("to_seq");
      assertThat(app.api().get(endpoints(app)).data().at("/items/0/waiting").asInt())
          .isEqualTo(800);
    }
  }

  /** Silent ones must not take the places of all requests. */
  @Test
  void onlySoManyTestsAreSentAtOnce() throws InterruptedException {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      receiver.mood = _ -> new HttpStub.Answer.Silence();
      JsonNode made = endpoint(app, receiver, "");
      List<Integer> answers = new CopyOnWriteArrayList<>();
      List<Thread> callers =
          IntStream.range(0, 40)
              .mapToObj(_ ->
                  Thread.ofVirtual()
                      .start(() ->
                          answers.add(app.api().post(path(app, made) + "/test", "").status())))
              .toList();
      Eventually.value(answers::size, it -> it == 28);
      assertThat(answers).as("twelve are under way").containsOnly(429);
      TestApp other = node.sandboxApp();
      try (Receiver quick = new Receiver()) {
        String test = path(other, endpoint(other, quick, "")) + "/test";
        assertThat(other.api().post(test, "").status())
            .as("four are left to others")
            .isEqualTo(200);
      }
      assertThat(answers).as("still").hasSize(28);
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(answers).hasSize(40).contains(200, 429).containsOnly(200, 429);
    }
  }

  @Test
  void aSilentEndpointDelaysNobody() {
    TestApp slow = node.sandboxApp();
    TestApp fast = node.sandboxApp();
    try (Receiver silent = new Receiver();
        Receiver quick = new Receiver()) {
      silent.mood = _ -> new HttpStub.Answer.Silence();
      endpoint(slow, silent, "");
      endpoint(fast, quick, ",\"event_types\":[\"message.delivered\"]");
      for (int i = 0; i < 50; i++) {
        send(slow);
      }
      Eventually.value(silent.came::size, it -> it > 0);
      Instant before = Instant.now();
      long id = send(fast);
      Eventually.value(quick.taken::size, it -> it == 1);
      assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(2));
      fast.api().await(fast.id(), id, "delivered");
    }
  }

  @Test
  void eventsAreToldAgainOnDemandAndBothSecretsSignDuringARotation() {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      JsonNode made = endpoint(app, receiver, "");
      app.api().await(app.id(), send(app), "delivered");
      Eventually.value(receiver.taken::size, it -> it == 3);
      receiver.came.clear();
      Map<String, String> once = Map.of("Idempotency-Key", "rotate once");
      JsonNode rotated = app.api().post(path(app, made) + "/rotate", "{}", once).data();
      assertThat(app.api().post(path(app, made) + "/rotate", "{}", once).data())
          .as("told again, not changed again")
          .isEqualTo(rotated);
      Api.Answer replay = app.api().post(path(app, made) + "/replay", "{\"from_seq\":2}");
      assertThat(replay.data().path("to_seq").asLong()).isEqualTo(3);
      Eventually.value(receiver.came::size, it -> it == 2);
      assertThat(receiver.taken).as("the same ids").hasSize(3);
      assertThat(receiver.came)
          .allMatch(it -> verifies(made.path("secret").asString(), it))
          .allMatch(it -> verifies(rotated.path("secret").asString(), it));
      app.api().post(path(app, made) + "/rotate", "{}");
      receiver.came.clear();
      app.api().post(path(app, made) + "/replay", "{\"seq\":1}");
      Eventually.value(receiver.came::size, it -> it == 1);
      assertThat(verifies(made.path("secret").asString(), receiver.came.element()))
          .as("the first secret signs to its end, however often it is changed")
          .isTrue();
      receiver.came.clear();
      assertThat(app.api().post(path(app, made) + "/replay", "{\"seq\":99}").status())
          .isEqualTo(422);
      String since = "{\"since\":\"" + Instant.now().minusSeconds(600) + "\"}";
      assertThat(app.api().post(path(app, made) + "/replay", since).status()).isEqualTo(200);
      Eventually.value(receiver.came::size, it -> it == 3);
      JsonNode tested = app.api().post(path(app, made) + "/test", "").data();
      assertThat(tested.path("delivered").asBoolean()).isTrue();
    }
  }

  @Test
  void aRateIsKept() {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      JsonNode made =
          endpoint(app, receiver, ",\"enabled\":false,\"event_types\":[\"message.delivered\"]");
      for (int i = 0; i < 11; i++) {
        app.api().await(app.id(), send(app), "delivered");
      }
      Instant before = Instant.now();
      node.admin().patch(path(app, made), "{\"enabled\":true,\"per_second\":5}");
      Eventually.value(receiver.taken::size, it -> it == 11);
      assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofMillis(1900));
    }
  }

  @Test
  void aChangeTouchesOnlyWhatItNames() {
    TestApp app = node.sandboxApp();
    try (Receiver receiver = new Receiver()) {
      String path = path(app, endpoint(app, receiver, ",\"per_second\":5"));
      String same = "{\"url\":\"" + receiver.stub.url() + "/hook\",\"description\":\"mine\"}";
      Api.Answer changed = app.api().patch(path, same);
      assertThat(changed.status()).as("the operator's address, kept").isEqualTo(200);
      assertThat(changed.data().path("per_second").asInt()).isEqualTo(5);
      assertThat(app.api().patch(path, same.replace("/hook", "/other")).status()).isEqualTo(422);
      assertThat(app.api().patch(path, "{\"per_second\":0}").data().path("per_second").isNull())
          .isTrue();
      Api.Answer refused = app.api().post(path + "/replay", "{\"seq\":9}");
      assertThat(refused.json().at("/errors/0/field").asString()).isEqualTo("seq");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.com/hook",
        "https://127.0.0.1/hook",
        "https://127.1/hook",
        "https://2130706433/hook",
        "https://0x7f000001/hook",
        "https://0177.0.0.1/hook",
        "https://1.1.1/hook",
        "https://localhost/hook",
        "https://[::1]/hook",
        "https://[::ffff:127.0.0.1]/hook",
        "https://[64:ff9b::7f00:1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://100.100.100.200/",
        "https://10.0.0.1/hook",
        "https://192.168.1.1/hook",
        "https://example.com:22/hook",
        "https://good@127.0.0.1/hook",
        "https://example.com/hook#x",
        "ftp://example.com/hook",
        "file:///etc/passwd",
        "https://exa mple.com/",
        "/hook",
        ""
      })
  void whereAnApplicationMayNotPointIsRefused(String url) {
    TestApp app = node.sandboxApp();
    Api.Answer refused = app.api().post(endpoints(app), Json.write(Map.of("url", url)));
    assertThat(refused.status()).as(refused.body()).isEqualTo(422);
    assertThat(refused.json().at("/errors/0/field").asString()).isEqualTo("url");
  }

  @Test
  void aPortThatCannotBeIsRefusedForTheOperatorToo() {
    TestApp app = node.sandboxApp();
    Api.Answer refused =
        node.admin().post(endpoints(app), "{\"url\":\"http://10.0.0.5:80800/hook\"}");
    assertThat(refused.status()).as(refused.body()).isEqualTo(422);
    assertThat(refused.json().at("/errors/0/field").asString()).isEqualTo("url");
  }

  @Test
  void badInputIsNamedAndStrangersSeeNothing() {
    TestApp app = node.sandboxApp();
    Api.Answer refused =
        app.api()
            .post(
                endpoints(app),
                "{\"url\":\"https://example.com\",\"event_types\":[\"message.lost\"],\"per_second\":-1}");
    assertThat(refused.json().path("errors").valueStream().map(it -> it.path("field").asString()))
        .containsExactlyInAnyOrder("event_types", "per_second");
    Api.Answer made = app.api().post(endpoints(app), "{\"url\":\"https://example.com/hook\"}");
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    assertThat(app.api().get(path(app, made.data())).body()).doesNotContain("whsec_");
    TestApp stranger = node.sandboxApp();
    assertThat(stranger.api().get(path(app, made.data())).status()).isEqualTo(404);
    assertThat(stranger.api().get(path(stranger, made.data())).status()).isEqualTo(404);
    assertThat(stranger.api().get("/api/events/" + app.id()).status()).isEqualTo(404);
    assertThat(app.api().delete(path(app, made.data())).status()).isEqualTo(200);
    assertThat(app.api().get(path(app, made.data())).status()).isEqualTo(404);
  }
}
