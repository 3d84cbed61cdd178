package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The receivers under {@code examples/}, as they are, each a process of its own. */
class ExamplesE2ETest {
  private static final RunningService service = RunningService.shared();

  private static Stream<Arguments> receivers() {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return Stream.of(
        Arguments.of("java", List.of(java, "examples/java/Receiver.java")),
        Arguments.of("python", List.of("python3", "examples/python/receiver.py")),
        Arguments.of("node", List.of("node", "examples/node/receiver.mjs")));
  }

  /** A receiver that runs, and the lines it has printed. */
  private record Receiver(Process process, Queue<String> lines) implements AutoCloseable {
    static Receiver start(List<String> command, int port, String secret) {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put("PORT", Integer.toString(port));
      builder.environment().put("WEBHOOK_SECRET", secret);
      try {
        Receiver receiver = new Receiver(builder.start(), new ConcurrentLinkedQueue<>());
        Thread.ofVirtual().start(receiver::read);
        Eventually.value(receiver.lines::peek, "listening"::equals);
        receiver.lines.clear();
        return receiver;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot run " + command + "; it must be installed", e);
      }
    }

    private void read() {
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        out.lines().forEach(lines::add);
      } catch (IOException | UncheckedIOException _) {
        // it was ended
      }
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("receivers")
  void takesWhatIsGenuineOnceAndNothingElse(String name, List<String> command) {
    TestApp app = service.sandboxApp();
    int port = freePort();
    String url = "http://127.0.0.1:" + port;
    JsonNode made =
        service
            .admin()
            .post(
                "/api/webhooks/" + app.id() + "/endpoints",
                "{\"url\":\"" + url + "/hook\",\"enabled\":false}")
            .data();
    String endpoint =
        "/api/webhooks/" + app.id() + "/endpoints/" + made.at("/endpoint/endpoint_id").asLong();
    try (Receiver receiver = Receiver.start(command, port, made.path("secret").asString())) {
      assertThat(service.admin().patch(endpoint, "{\"enabled\":true}").status()).isEqualTo(200);
      app.api()
          .message(app.id(), "{\"message_content\":\"größer\",\"recipient\":\"+15551239999\"}");
      Eventually.value(receiver.lines::size, it -> it == 3);
      assertThat(receiver.lines)
          .allMatch(it -> it.startsWith("evt_" + app.id() + "_"))
          .anyMatch(it -> it.contains("message.delivered"));
      app.api().post(endpoint + "/replay", "{\"from_seq\":1}");
      Eventually.value(
          () -> app.api().get(endpoint + "/deliveries").data().path("items"),
          it ->
              it.size() == 6
                  && it.valueStream().allMatch(one -> one.path("status").asInt() == 204));
      assertThat(receiver.lines).as("each once").hasSize(3);
      Api.Answer forged =
          new Api(url, null)
              .send(
                  "POST",
                  "/hook",
                  "{}".getBytes(StandardCharsets.UTF_8),
                  Map.of(
                      "webhook-id", "evt_1_1",
                      "webhook-timestamp", Long.toString(System.currentTimeMillis() / 1000),
                      "webhook-signature", "v1,AAAA"));
      assertThat(forged.status()).isEqualTo(400);
      assertThat(new Api(url, null).post("/hook", "{}").status()).isEqualTo(400);
      assertThat(receiver.lines).hasSize(3);
    }
  }
}
