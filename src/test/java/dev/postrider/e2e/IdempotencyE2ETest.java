package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The same request within a day: one effect, one answer. */
class IdempotencyE2ETest {
  private final RunningService service = RunningService.shared();
  private final TestApp app = service.sandboxApp();
  private static final String BODY =
      "{\"message_content\":\"once\",\"recipient\":\"+15551235000\"}";

  private Api.Answer send(String key, String body) {
    return app.api().post(app.path(), body, Map.of("Idempotency-Key", key));
  }

  private long stored() {
    return service
        .database()
        .jdbc()
        .sql("select count(*) from messages where app_id = :app")
        .param("app", app.id())
        .query(Long.class)
        .single();
  }

  @Test
  void givesTheSameAnswerAgainAndSaysSo() {
    Api.Answer first = send("order-1", BODY);
    Api.Answer again = send("\"order-1\"", BODY);
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));
    assertThat(first.header("Idempotent-Replayed")).isEmpty();
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void refusesAKeyThatComesBackWithAnotherRequest() {
    send("order-2", BODY);
    Api.Answer other = send("order-2", BODY.replace("once", "twice"));
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.json().path("code").asString()).isEqualTo("idempotency_key_reuse");
  }

  /** Its answer was lost, and whoever asks again comes too late for a new one. */
  @Test
  void givesTheSameAnswerWhenItWouldNotBeValidAnyMore() {
    String soon = BODY.replace("}", ",\"expires_at\":\"" + Instant.now().plusSeconds(3) + "\"}");
    Api.Answer first = send("order-late", soon);
    assertThat(first.status()).as(first.body()).isEqualTo(201);
    Eventually.value(() -> app.api().post(app.path(), soon).status(), it -> it == 422);
    Api.Answer again = send("order-late", soon);
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.body()).isEqualTo(first.body());
  }

  @Test
  void storesNothingForAFailedRequest() {
    assertThat(send("order-3", "{\"message_content\":\"\"}").status()).isEqualTo(422);
    assertThat(send("order-3", BODY).status()).isEqualTo(201);
  }

  @Test
  void acceptsOneOfFiftyTwinsThatRace() throws Exception {
    CountDownLatch together = new CountDownLatch(1);
    List<Api.Answer> answers = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Api.Answer>> twins = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        twins.add(
            callers.submit(() -> {
              together.await();
              return send("race", BODY);
            }));
      }
      together.countDown();
      for (Future<Api.Answer> twin : twins) {
        answers.add(twin.get());
      }
    }
    assertThat(answers).allMatch(it -> it.status() == 201);
    assertThat(answers.stream().map(Api.Answer::body).distinct()).hasSize(1);
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void keepsKeysOfApplicationsApart() {
    TestApp other = service.sandboxApp();
    Api.Answer mine = send("shared", BODY);
    Api.Answer theirs = other.api().post(other.path(), BODY, Map.of("Idempotency-Key", "shared"));
    assertThat(theirs.body()).isNotEqualTo(mine.body());
  }

  @Test
  void survivesARotationOfTheApiKey() {
    Api.Answer first = send("rotated", BODY);
    String fresh =
        service
            .admin()
            .post("/api/applications/" + app.id() + "/keys", "{}")
            .data()
            .path("api_key")
            .asString();
    Api.Answer again =
        service.admin().as(fresh).post(app.path(), BODY, Map.of("Idempotency-Key", "rotated"));
    assertThat(again.body()).isEqualTo(first.body());
  }

  @Test
  void refusesKeysThatCannotBeKeys() {
    for (String key : List.of("", "\"\"", "x".repeat(300))) {
      assertThat(send(key, BODY).status()).as(key).isEqualTo(422);
    }
  }

  @Test
  void replaysABatchAndTheCreationOfAnApplication() {
    String batch = "{\"messages\":[" + BODY + "," + BODY + "]}";
    Map<String, String> key = Map.of("Idempotency-Key", "batch-1");
    Api.Answer first = app.api().post(app.path() + "/batch", batch, key);
    assertThat(app.api().post(app.path() + "/batch", batch, key).body()).isEqualTo(first.body());
    assertThat(stored()).isEqualTo(2);

    Map<String, String> once = Map.of("Idempotency-Key", "app-" + app.id());
    String wanted = "{\"app_name\":\"idempotent " + app.id() + "\"}";
    Api.Answer created = service.admin().post("/api/applications", wanted, once);
    assertThat(created.status()).isEqualTo(201);
    assertThat(service.admin().post("/api/applications", wanted, once).body())
        .isEqualTo(created.body());
  }
}
