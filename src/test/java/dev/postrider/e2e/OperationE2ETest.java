package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What an operator looks at. */
class OperationE2ETest {
  private final RunningService service = RunningService.shared();
  private final Api anyone = service.admin().as(null);

  @Test
  void tellsThatItRuns() {
    JsonNode root = anyone.get("/").json();
    assertThat(root.path("message").asString()).isEqualTo("Service is running");
    assertThat(root.path("data").path("service").asString()).isEqualTo("postrider");
    assertThat(root.path("data").path("status").asString()).isEqualTo("ok");
    assertThat(root.path("data").path("is_db_connected").asBoolean()).isTrue();
    assertThat(root.path("data").path("uptime").asString()).matches("\\d+:\\d\\d:\\d\\d");
    for (String path : new String[] {"/health", "/health/live", "/health/ready"}) {
      assertThat(anyone.get(path).status()).as(path).isEqualTo(200);
    }
  }

  @Test
  void servesItsDocumentsWithoutTheInternet() {
    assertThat(anyone.get("/swagger-ui/index.html").status()).isEqualTo(200);
    String redoc = anyone.get("/redoc").body();
    assertThat(redoc).doesNotContain("http://").doesNotContain("https://");
    String script = redoc.replaceAll("(?s).*<script src=\"([^\"]+)\".*", "$1");
    assertThat(anyone.get(script).status()).isEqualTo(200);
  }

  @Test
  void describesEveryRouteWithItsKeyItsBodyAndItsProblems() {
    JsonNode api = anyone.get("/openapi.json").json();
    JsonNode send = api.path("paths").path("/api/messages/{appId}").path("post");
    assertThat(send.path("security")).isNotEmpty();
    assertThat(send.path("responses").has("422")).isTrue();
    assertThat(send.path("responses").has("201")).isTrue();
    assertThat(send.path("responses").has("200")).isFalse();
    String schema =
        send.path("requestBody")
            .path("content")
            .path("application/json")
            .path("schema")
            .path("$ref")
            .asString();
    JsonNode fields =
        api.path("components").path("schemas").path(schema.substring(schema.lastIndexOf('/') + 1));
    assertThat(fields.path("properties").has("message_content")).isTrue();
    assertThat(api.path("components").path("schemas").has("Problem")).isTrue();
    for (String path :
        new String[] {
          "/api/messages/{appId}/{messageId}/explain",
          "/api/metrics/{appId}",
          "/api/applications/{appId}/senders",
          "/hooks/{provider}/{senderId}"
        }) {
      assertThat(api.path("paths").has(path)).as(path).isTrue();
    }
  }

  @Test
  void countsForPrometheus() {
    TestApp app = service.sandboxApp();
    long id =
        app.api().message(app.id(), "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}");
    app.api().await(app.id(), id, "delivered");
    String metrics = anyone.get("/actuator/prometheus").body();
    assertThat(metrics)
        .contains("postrider_messages_accepted_total")
        .contains("postrider_delivery_attempts_total{outcome=\"accepted\",provider=\"sandbox\"}")
        .contains("postrider_queue_jobs{kind=\"deliver\",state=\"waiting\"}")
        .contains("postrider_queue_jobs{kind=\"notify\",state=\"waiting\"}")
        .contains("postrider_accept_commit_seconds_bucket");
    assertThat(anyone.get("/actuator/env").status()).isEqualTo(404);
  }

  /** Spring Boot believes them on Kubernetes, of all who are near: metrics would be anybody's. */
  @Test
  void whoSaysWhereHeComesFromIsNotBelieved() {
    try (RunningService node =
        RunningService.start(Map.of(), "--spring.main.cloud-platform=kubernetes")) {
      Api far = node.admin().as(null);
      Map<String, String> from = Map.of("X-Forwarded-For", "203.0.113.9");
      assertThat(far.send("GET", "/actuator/prometheus", null, from).status()).isEqualTo(200);
    }
  }
}
