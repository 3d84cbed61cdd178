package dev.postrider.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The service as a caller sees it: HTTP and nothing else. */
public final class Api {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final String url;
  private final @Nullable String key;

  public Api(String url, @Nullable String key) {
    this.url = url;
    this.key = key;
  }

  /** The same service, asked with another key. */
  public Api as(@Nullable String otherKey) {
    return new Api(url, otherKey);
  }

  public String url() {
    return url;
  }

  /** An answer. */
  public record Answer(int status, Map<String, String> headers, String body) {
    public JsonNode json() {
      return JSON.readTree(body);
    }

    public JsonNode data() {
      return json().path("data");
    }

    public String header(String name) {
      return headers.getOrDefault(name.toLowerCase(java.util.Locale.ROOT), "");
    }

    /** The fields that a problem names. */
    public java.util.List<String> fields() {
      return json().path("errors").valueStream().map(it -> it.path("field").asString()).toList();
    }
  }

  public Answer get(String path) {
    return send("GET", path, null, Map.of());
  }

  public Answer delete(String path) {
    return send("DELETE", path, null, Map.of());
  }

  public Answer post(String path, String json) {
    return post(path, json, Map.of());
  }

  public Answer post(String path, String json, Map<String, String> headers) {
    return send("POST", path, json.getBytes(StandardCharsets.UTF_8), headers);
  }

  public Answer put(String path, String json) {
    return send("PUT", path, json.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  public Answer patch(String path, String json) {
    return send("PATCH", path, json.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  public Answer send(
      String method, String path, byte @Nullable [] body, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30));
    if (key != null) {
      request.setHeader("X-Api-Key", key);
    }
    if (body != null) {
      request.setHeader("Content-Type", "application/json");
    }
    headers.forEach(request::setHeader);
    request.method(
        method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    try {
      HttpResponse<String> response =
          HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
      Map<String, String> answered = new java.util.HashMap<>();
      response.headers().map().forEach((name, values) -> answered.put(name, values.getFirst()));
      return new Answer(response.statusCode(), answered, response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Posts a message and returns its id. */
  public long message(long app, String json) {
    Answer answer = post("/api/messages/" + app, json);
    if (answer.status() != 201) {
      throw new AssertionError("not accepted: " + answer.body());
    }
    return answer.data().path("message_id").asLong();
  }

  public JsonNode show(long app, long message) {
    return get("/api/messages/" + app + "/" + message).data();
  }

  /** Waits until a message has a status. */
  public JsonNode await(long app, long message, String status) {
    return Eventually.value(() -> show(app, message), it -> is(status).test(it));
  }

  private static Predicate<JsonNode> is(String status) {
    return message -> message.path("status").asString("").equals(status);
  }
}
