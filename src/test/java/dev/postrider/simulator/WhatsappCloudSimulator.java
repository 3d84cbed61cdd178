package dev.postrider.simulator;

import dev.postrider.platform.Json;
import dev.postrider.platform.secret.Hmac;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Meta's Cloud API, as far as messages go: what it takes, and how it answers and calls back. */
public final class WhatsappCloudSimulator implements AutoCloseable {
  public static final String NUMBER = "106540352242922";
  public static final String TOKEN = "access-token";
  public static final String SECRET = "app-secret";

  private final ConcurrentLinkedQueue<JsonNode> arrivals = new ConcurrentLinkedQueue<>();
  private final AtomicLong ids = new AtomicLong();
  private final HttpStub stub = new HttpStub(this::answer);

  /** What it does instead of its job; null: its job. */
  private volatile @Nullable Function<HttpStub.Request, HttpStub.Answer> instead;

  public String url() {
    return stub.url();
  }

  /** The bodies that it took, oldest first. */
  public List<JsonNode> arrivals() {
    return List.copyOf(arrivals);
  }

  public void instead(@Nullable Function<HttpStub.Request, HttpStub.Answer> answer) {
    instead = answer;
  }

  private HttpStub.Answer answer(HttpStub.Request request) {
    Function<HttpStub.Request, HttpStub.Answer> other = instead;
    if (other != null) {
      return other.apply(request);
    }
    if (!request.header("authorization").equals("Bearer " + TOKEN)) {
      return error(401, 190);
    }
    if (!request.path().equals("/v23.0/" + NUMBER + "/messages")) {
      return error(400, 100);
    }
    JsonNode body = Json.tree(request.body());
    if (body == null || !body.path("messaging_product").asString("").equals("whatsapp")) {
      return error(400, 131008);
    }
    JsonNode template = body.path("template");
    if (template.isObject() && !template.path("name").asString("").startsWith("order_")) {
      return error(404, 132001);
    }
    arrivals.add(body);
    return HttpStub.json(
        200,
        """
        {"messaging_product":"whatsapp","contacts":[{"input":"%1$s","wa_id":"%1$s"}],
         "messages":[{"id":"wamid.%2$d"}]}
        """
            .formatted(body.path("to").asString(), ids.incrementAndGet()));
  }

  public static HttpStub.Answer error(int status, int code) {
    return HttpStub.json(
        status,
        """
        {"error":{"message":"(#%1$d) about +15550001111","type":"OAuthException","code":%1$d,
                  "error_data":{"messaging_product":"whatsapp","details":"x"},"fbtrace_id":"A"}}
        """
            .formatted(code));
  }

  /** A callback about a message; an error of 0 is none. */
  public static String status(String number, String id, String status, int error) {
    String errors =
        error == 0
            ? ""
            : ",\"errors\":[{\"code\":%d,\"title\":\"about +15550001111\"}]".formatted(error);
    return """
    {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":
      {"messaging_product":"whatsapp","metadata":{"display_phone_number":"1","phone_number_id":"%s"},
       "statuses":[{"id":"%s","status":"%s","timestamp":"1764079200","recipient_id":"15550001111"%s}]}}]}]}
    """
        .formatted(number, id, status, errors);
  }

  /** What Meta puts into {@code X-Hub-Signature-256}. */
  public static String signature(String body, String secret) {
    return "sha256="
        + HexFormat.of().formatHex(Hmac.sha256(secret.getBytes(StandardCharsets.UTF_8)).of(body));
  }

  /** A header of the last request. */
  public String lastHeader(String name) {
    return stub.lastHeader(name);
  }

  @Override
  public void close() {
    stub.close();
  }
}
