package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import dev.postrider.testing.TestContentRoom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** A message that is sent again and again. */
class ScheduleE2ETest {
  private final RunningService service = RunningService.shared();

  private static String request(String cron, String message, String more) {
    return """
    {"schedule_name":"reminder","cron":"%s","time_zone":"America/Sao_Paulo",
     "message":{"message_content":"Time to pay","recipient":"+15551230000"%s}%s}
    """
        .formatted(cron, message, more);
  }

  private static String path(TestApp app) {
    return "/api/schedules/" + app.id();
  }

  private static long create(TestApp app, String request) {
    Api.Answer answer = app.api().post(path(app), request);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return answer.data().path("schedule_id").asLong();
  }

  private JsonNode show(TestApp app, long id) {
    return app.api().get(path(app) + "/" + id).data();
  }

  /** Its next date was so many minutes ago, as if the service had been down. */
  private void comes(long id, int minutesAgo) {
    service
        .database()
        .jdbc()
        .sql(
            """
            with moved as (
              update schedules
                 set next_at = date_trunc('minute', now()) - :ago * interval '1 minute'
               where schedule_id = :id returning next_at)
            update jobs set run_at = moved.next_at from moved where kind = 'schedule' and id = :id
            """)
        .param("id", id)
        .param("ago", minutesAgo)
        .update();
  }

  private static long messages(TestApp app) {
    return app.api().get(app.path()).data().path("items").size();
  }

  @Test
  void sendsOnceForADateAndGoesOn() {
    TestApp app = service.sandboxApp();
    long id = create(app, request("* * * * *", "", ""));
    assertThat(show(app, id).path("next_runs")).hasSize(5);
    comes(id, 0);
    JsonNode fired = Eventually.value(() -> show(app, id), it -> it.path("fired").asInt() == 1);
    JsonNode sent = app.api().await(app.id(), fired.path("last_message_id").asLong(), "delivered");
    assertThat(sent.path("correlation_id").asString())
        .isEqualTo("schedule:" + id + ":" + fired.path("last_fired_at").asString());
    assertThat(Instant.parse(fired.path("next_runs").get(0).asString()))
        .isAfter(Instant.parse(fired.path("last_fired_at").asString()));
    assertThat(fired.path("missed").asInt()).isZero();
  }

  @Test
  void whatWasMissedIsSentOnceAndCounted() {
    TestApp app = service.sandboxApp();
    long id = create(app, request("* * * * *", ",\"ttl_seconds\":3600", ""));
    comes(id, 10);
    JsonNode fired = Eventually.value(() -> show(app, id), it -> it.path("fired").asInt() == 1);
    // Ten minutes, and one more if a minute has ended meanwhile.
    assertThat(fired.path("missed").asInt()).isBetween(10, 11);
    app.api().await(app.id(), fired.path("last_message_id").asLong(), "delivered");
    assertThat(messages(app)).isEqualTo(1);
  }

  /** The first date that passed is too old, the newest is not. */
  @Test
  void theNewestOfWhatWasMissedIsSentWhileItIsOfUse() {
    TestApp app = service.sandboxApp();
    long id = create(app, request("* * * * *", ",\"ttl_seconds\":120", ""));
    comes(id, 10);
    JsonNode fired = Eventually.value(() -> show(app, id), it -> it.path("fired").asInt() == 1);
    assertThat(Instant.parse(fired.path("last_fired_at").asString()))
        .isAfter(Instant.now().minusSeconds(90));
  }

  /** As after a restore with another master key: the date is not over, somebody must mend that. */
  @Test
  void aDateWaitsForASenderThatCannotBeUsed() {
    TestApp app = service.sandboxApp();
    long id = create(app, request("0 9 * * *", "", ""));
    credentials(app, new byte[1]);
    Eventually.within(
        Duration.ofSeconds(20),
        () ->
            app.api()
                .post(app.path(), "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}")
                .status(),
        it -> it == 503);
    comes(id, 0);
    // Longer than it rests between two tries.
    Eventually.holds(
        Duration.ofSeconds(7),
        () -> show(app, id).path("missed").asInt() + show(app, id).path("fired").asInt() == 0);
    JsonNode waits = show(app, id);
    assertThat(waits.path("last_error").asString()).as("why it is late").contains("credentials");
    assertThat(Instant.parse(waits.path("next_runs").get(0).asString())).isBefore(Instant.now());
    assertThat(waits.path("next_runs")).hasSize(5);
    credentials(app, null);
    JsonNode fired =
        Eventually.within(
            Duration.ofSeconds(20), () -> show(app, id), it -> it.path("fired").asInt() == 1);
    assertThat(fired.path("missed").asInt()).isZero();
    assertThat(fired.path("last_error").isNull()).isTrue();
  }

  /** A zone that this Java does not know any more, or not yet. */
  @Test
  void aScheduleThatCannotBeReadKeepsNoOtherFromItsDate() {
    TestApp app = service.sandboxApp();
    long unreadable = create(app, request("0 9 * * *", "", ""));
    long other = create(app, named("other", ""));
    service
        .database()
        .jdbc()
        .sql("update schedules set time_zone = 'Mars/Base' where schedule_id = :id")
        .param("id", unreadable)
        .update();
    comes(unreadable, 0);
    comes(other, 0);
    Eventually.value(() -> show(app, other), it -> it.path("fired").asInt() == 1);
  }

  /** What many of them hold together must fit into a node: one has its turn when there is room. */
  @Test
  void aLargeOneWaitsForRoom() {
    TestApp app = service.sandboxApp();
    String data =
        ",\"message_type\":\"file\",\"media\":{\"filename\":\"a.pdf\",\"mimetype\":\"application/pdf\",\"data\":\"%s\"}"
            .formatted("AAAA".repeat(40_000));
    long id = create(app, named("large", data));
    boolean waited =
        TestContentRoom.withoutAny(
            service,
            app,
            () -> {
              comes(id, 0);
              Eventually.holds(
                  Duration.ofSeconds(4), () -> show(app, id).path("fired").asInt() == 0);
              return true;
            });
    assertThat(waited).isTrue();
    Eventually.value(() -> show(app, id), it -> it.path("fired").asInt() == 1);
  }

  private static String named(String name, String message) {
    return request("0 9 * * *", message, "").replace("reminder", name);
  }

  private void credentials(TestApp app, byte @Nullable [] sealed) {
    service
        .database()
        .jdbc()
        .sql("update senders set credentials = :sealed where app_id = :app")
        .param("sealed", sealed)
        .param("app", app.id())
        .update();
  }

  @Test
  void whatComesTooLateIsNotSent() {
    TestApp app = service.sandboxApp();
    long id = create(app, request("0 9 * * *", ",\"ttl_seconds\":60", ""));
    comes(id, 5);
    JsonNode missed = Eventually.value(() -> show(app, id), it -> it.path("missed").asInt() == 1);
    assertThat(missed.path("last_error").asString()).contains("ttl_seconds");
    assertThat(missed.path("fired").asInt()).isZero();
    assertThat(messages(app)).isZero();
  }

  @Test
  void saysWhyADateCouldNotBeSent() {
    TestApp app = service.sandboxApp();
    long id = create(app, request("0 9 * * *", "", ""));
    long sender =
        app.api()
            .get("/api/applications/" + app.id() + "/senders")
            .data()
            .path("items")
            .get(0)
            .path("sender_id")
            .asLong();
    app.api().delete("/api/applications/" + app.id() + "/senders/" + sender);
    comes(id, 0);
    JsonNode missed = Eventually.value(() -> show(app, id), it -> it.path("missed").asInt() == 1);
    assertThat(missed.path("last_error").asString()).contains("sender_id");
    assertThat(missed.path("next_runs")).hasSize(5);
  }

  @Test
  void isPausedResumedAndDeleted() {
    TestApp app = service.sandboxApp();
    long id = create(app, request("*/5 * * * *", "", ""));
    JsonNode paused = app.api().post(path(app) + "/" + id + "/pause", "{}").data();
    assertThat(paused.path("next_runs")).isEmpty();
    assertThat(paused.path("paused_at").isNull()).isFalse();
    JsonNode resumed = app.api().post(path(app) + "/" + id + "/resume", "{}").data();
    assertThat(resumed.path("next_runs")).hasSize(5);
    comes(id, 0);
    Eventually.value(() -> show(app, id), it -> it.path("fired").asInt() == 1);
    assertThat(app.api().get(path(app)).data().path("items")).hasSize(1);
    assertThat(app.api().delete(path(app) + "/" + id).status()).isEqualTo(200);
    assertThat(app.api().get(path(app) + "/" + id).status()).isEqualTo(404);
    assertThat(service.sandboxApp().api().get(path(app) + "/" + id).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\"cron\":\"* * * *\"'|cron",
        "'\"cron\":\"0 0 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1 * *\"'|cron",
        "'\"cron\":\"0 0 30 2 *\"'|cron",
        "'\"time_zone\":\"Berlin\"'|time_zone",
        "'\"schedule_name\":\"\"'|schedule_name",
        "'\"message\":{\"message_content\":\"x\",\"recipient\":\"1\"}'|message.recipient",
        "'\"message\":{\"message_content\":\"x\",\"scheduled_for\":\"2030-01-01T00:00:00Z\"}'|"
            + "message.scheduled_for",
        "'\"starts_at\":\"soon\"'|starts_at",
        "'\"starts_at\":\"2030-01-01T00:00:00Z\",\"ends_at\":\"2029-01-01T00:00:00Z\"'|ends_at"
      })
  void refusesWhatMakesNoSense(String wrong, String field) {
    TestApp app = service.sandboxApp();
    // The wrong part replaces the right one of the same name.
    String name = wrong.substring(1, wrong.indexOf('"', 1));
    String right =
        """
        "schedule_name":"a";"cron":"0 9 * * *";"time_zone":"UTC";\
        "message":{"message_content":"x","recipient":"+15551230000"}\
        """;
    String body =
        java.util.Arrays.stream(right.split(";"))
            .filter(part -> !part.startsWith("\"" + name + "\""))
            .collect(java.util.stream.Collectors.joining(",", "{", "," + wrong + "}"));
    Api.Answer answer = app.api().post(path(app), body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(422);
    assertThat(answer.fields()).contains(field);
  }

  @Test
  void endsWithItsApplication() {
    TestApp app = service.sandboxApp();
    long id = create(app, request("0 9 * * *", "", ""));
    service.admin().delete("/api/applications/" + app.id());
    comes(id, 0);
    Eventually.value(
        () ->
            service
                .database()
                .jdbc()
                .sql("select count(*) from jobs where kind = 'schedule' and id = :id")
                .param("id", id)
                .query(Long.class)
                .single(),
        left -> left == 0);
  }

  @Test
  void twinsThatRaceGetOneAnswer() throws Exception {
    TestApp app = service.sandboxApp();
    List<Future<Api.Answer>> twins = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        twins.add(
            callers.submit(() ->
                app.api()
                    .post(
                        path(app),
                        request("0 9 * * *", "", ""),
                        Map.of("Idempotency-Key", "twins"))));
      }
    }
    List<String> answers = new ArrayList<>();
    for (Future<Api.Answer> twin : twins) {
      assertThat(twin.get().status()).as(twin.get().body()).isEqualTo(201);
      answers.add(twin.get().body());
    }
    assertThat(answers.stream().distinct()).hasSize(1);
  }

  /** As a pause and a resume at the same time can leave it. */
  @Test
  void oneThatIsPausedAndHasAJobAllTheSameIsResumed() {
    TestApp app = service.sandboxApp();
    long id = create(app, request("0 9 * * *", "", ""));
    app.api().post(path(app) + "/" + id + "/pause", "");
    service
        .database()
        .jdbc()
        .sql(
            """
            insert into jobs (kind, id, app_id, lane, priority, order_key, run_at, ordered_at, attempt)
            values ('schedule', :id, :app, -:app, 2, 0, now() + interval '1 year', now(), 0)
            """)
        .param("id", id)
        .param("app", app.id())
        .update();
    Api.Answer resumed = app.api().post(path(app) + "/" + id + "/resume", "");
    assertThat(resumed.status()).as(resumed.body()).isEqualTo(200);
  }

  @Test
  void twoOfOneNameAreAConflict() {
    TestApp app = service.sandboxApp();
    create(app, request("0 9 * * *", "", ""));
    assertThat(app.api().post(path(app), request("0 9 * * *", "", "")).status()).isEqualTo(409);
    Api.Answer withKey =
        app.api().post(path(app), request("0 9 * * *", "", ""), Map.of("Idempotency-Key", "taken"));
    assertThat(withKey.json().path("code").asString())
        .as("not what asks to be sent again")
        .isEqualTo("conflict");
  }
}
