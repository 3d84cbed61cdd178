package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import dev.postrider.campaign.Seed;
import dev.postrider.testing.Api;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every operation of /openapi.json against generated bad input: nothing is a 5xx, every status is a
 * documented one, and every answer is what the document says it is.
 */
@Tag("alone")
class FuzzE2ETest {
  private static final int REQUESTS_EACH = 120;
  private static final String DOCUMENT = "urn:postrider:openapi";
  private static final RunningService SERVICE = RunningService.start(Map.of());
  private static final TestApp APP = SERVICE.sandboxApp();

  /** Whose keys are rotated: with those of the other one the requests are made. */
  private static final TestApp LOCKED = SERVICE.sandboxApp();

  /** One of each, by the name of its parameter: what answers 404 has no rules to break. */
  private static final Map<String, String> MADE = made();

  private static Map<String, String> made() {
    Map<String, String> made = new HashMap<>();
    made.put("appId", Long.toString(APP.id()));
    made.put("provider", "waha");
    made.put("campaignId", "spring");
    made.put("version", "1");
    made.put(
        "senderId",
        APP.api()
            .get("/api/applications/" + APP.id() + "/senders")
            .data()
            .at("/items/0/sender_id")
            .asString());
    made.put(
        "messageId",
        Long.toString(
            APP.api()
                .message(
                    APP.id(),
                    "{\"message_content\":\"x\",\"recipient\":\"+15551230001\",\"campaign_id\":\"spring\"}")));
    made.put(
        "scheduleId",
        of(
            APP.api()
                .post(
                    "/api/schedules/" + APP.id(),
                    """
                    {"schedule_name":"monthly","cron":"@monthly","time_zone":"UTC",
                     "message":{"message_content":"x","recipient":"+15551230000"}}
                    """),
            "/schedule_id"));
    made.put(
        "endpointId",
        of(
            // Nobody listens there.
            SERVICE
                .admin()
                .post(
                    "/api/webhooks/" + APP.id() + "/endpoints",
                    "{\"url\":\"http://127.0.0.1:9/\"}"),
            "/endpoint/endpoint_id"));
    made.put(
        "redriveId",
        of(APP.api().post("/api/dead-letters/" + APP.id() + "/redrive", "{}"), "/redrive_id"));
    made.put(
        "keyId",
        SERVICE
            .admin()
            .get("/api/applications/" + LOCKED.id() + "/keys")
            .data()
            .at("/items/0/key_id")
            .asString());
    String templates = "/api/applications/" + APP.id() + "/templates";
    of(
        APP.api()
            .post(
                templates,
                """
                {"template_name":"shipped","draft":{"default_locale":"en",
                 "variables":{"name":{"example":"Ana"}},
                 "variants":[{"locale":"en","text":"Hello {{name}}"}]}}
                """),
        "/template_name");
    APP.api().post(templates + "/shipped/publish", "");
    made.put("templateName", "shipped");
    return made;
  }

  private static String of(Api.Answer answer, String pointer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return answer.data().at(pointer).asString();
  }

  private static final JsonNode OPENAPI = SERVICE.admin().get("/openapi.json").json();
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDialect(
          Dialects.getOpenApi31(),
          builder -> builder.schemas(Map.of(DOCUMENT, OPENAPI.toString())));
  private static final Map<String, Long> SEEN = new TreeMap<>();

  /** One operation of the document. */
  record Target(String path, String method, JsonNode operation) {
    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  static Stream<Target> operations() {
    List<Target> all = new ArrayList<>();
    OPENAPI
        .path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(it ->
                    all.add(
                        new Target(
                            path.getKey(), it.getKey().toUpperCase(Locale.ROOT), it.getValue()))));
    // A stream of events has no end to wait for: LiveE2ETest.
    return all.stream().filter(it -> !it.path().equals("/sse"));
  }

  @ParameterizedTest
  @MethodSource("operations")
  void anyInputGetsADocumentedAnswer(Target target) {
    fuzz(target, 0);
  }

  private static void fuzz(Target target, int round) {
    Random random = new Random((Seed.value() + round) ^ target.toString().hashCode());
    Hostile hostile = new Hostile(random, OPENAPI);
    for (int i = 0; i < REQUESTS_EACH; i++) {
      String path = path(target, hostile, random);
      byte[] body = hostile.body(target.operation());
      Map<String, String> headers = hostile.headers(target.operation());
      boolean operator =
          isOfKeys(target) || (random.nextInt(3) == 0 && !target.method().equals("DELETE"));
      Api api = operator ? SERVICE.admin() : APP.api();
      Api.Answer answer = api.send(target.method(), path, body, headers);
      String what =
          "seed %s: %s %s %s %s%nanswered %s %s"
              .formatted(
                  Seed.value(),
                  target.method(),
                  path,
                  headers,
                  body == null ? "" : new String(body, StandardCharsets.UTF_8),
                  answer.status(),
                  answer.body());
      check(target, answer, what.length() > 3000 ? what.substring(0, 3000) : what);
    }
  }

  private static boolean isOfKeys(Target target) {
    return target.path().contains("/keys");
  }

  private static void check(Target target, Api.Answer answer, String what) {
    SEEN.merge(target + " " + answer.status(), 1L, Long::sum);
    assertThat(answer.status()).as(what).isLessThan(500);
    String code = Integer.toString(answer.status());
    JsonNode documented = target.operation().path("responses").path(code);
    assertThat(documented.isMissingNode()).as("undocumented: " + what).isFalse();
    String type = answer.header("Content-Type").split(";", 2)[0];
    JsonNode content = documented.path("content");
    if (content.isEmpty()) {
      return;
    }
    String known = content.has(type) ? type : "*/*";
    assertThat(content.has(known)).as("content type " + type + ": " + what).isTrue();
    String pointer =
        "/paths/"
            + escaped(target.path())
            + "/"
            + target.method().toLowerCase(Locale.ROOT)
            + "/responses/"
            + code
            + "/content/"
            + escaped(known)
            + "/schema";
    Schema schema = SCHEMAS.getSchema(SchemaLocation.of(DOCUMENT + "#" + pointer));
    assertThat(schema.validate(answer.json())).as(what).isEmpty();
    if (answer.json().path("code").asString("").equals("validation_failed")) {
      assertThat(answer.fields()).as("names what is wrong: " + what).isNotEmpty();
    }
  }

  private static String escaped(String segment) {
    return segment.replace("~", "~0").replace("/", "~1");
  }

  /** The path with ids that exist, or do not, or are none; and with any query. */
  private static String path(Target target, Hostile hostile, Random random) {
    Map<String, String> ids = new HashMap<>(MADE);
    if (isOfKeys(target)) {
      ids.put("appId", Long.toString(LOCKED.id()));
    }
    String path = target.path();
    List<String> query = new ArrayList<>();
    for (JsonNode parameter : target.operation().path("parameters")) {
      String name = parameter.path("name").asString();
      boolean inPath = parameter.path("in").asString().equals("path");
      if (inPath) {
        boolean destroys =
            target.method().equals("DELETE") && target.path().endsWith("{" + name + "}");
        boolean real = random.nextInt(4) > 0 && !destroys;
        String value = real ? Objects.requireNonNull(ids.get(name), name) : encoded(hostile.text());
        path = path.replace("{" + name + "}", value.isEmpty() ? "x" : value);
      } else if (parameter.path("in").asString().equals("query") && random.nextInt(3) == 0) {
        query.add(name + "=" + encoded(hostile.queryValue(parameter.path("schema"))));
      }
    }
    return query.isEmpty() ? path : path + "?" + String.join("&", query);
  }

  private static String encoded(String text) {
    // A path that is made of dots, or of slashes, would be another path.
    String safe =
        text.replace('/', '_').replace('\\', '_').replace('\u0000', '_').replace(';', '_');
    return URLEncoder.encode(safe.matches("\\.*") ? "x" : safe, StandardCharsets.UTF_8)
        .replace("+", "%20");
  }

  /** What takes a body says of what: a schema without properties would be fuzzed with nothing. */
  @Test
  void everyBodyHasASchema() {
    operations()
        .map(it -> it.operation().at("/requestBody/content/application~1json/schema"))
        .filter(schema -> !schema.isMissingNode())
        .map(schema -> OPENAPI.at(schema.path("$ref").asString().substring(1)))
        .forEach(schema -> assertThat(schema.path("properties")).as("" + schema).isNotEmpty());
  }

  /** Whatever is shown, and some of what is made. */
  private static final List<String> REACHED =
      Stream.concat(
              operations()
                  // That takes a provider's token.
                  .filter(it -> it.method().equals("GET") && !it.path().startsWith("/hooks/"))
                  .map(it -> it + " 200"),
              Stream.of(
                  "POST /api/messages/{appId} 201",
                  "POST /api/messages/{appId}/batch 201",
                  "POST /api/messages/{appId}/batch 422",
                  "POST /api/applications/{appId}/senders 201"))
          .toList();

  /** A fuzzer that only ever met 404 has proved nothing. */
  @Test
  void theGeneratorReachesTheRules() {
    operations().forEach(target -> fuzz(target, 1));
    // What was fuzzed so far may stand in the way: limits, a sender that is the default no more.
    String application = "/api/applications/" + APP.id();
    SERVICE.admin().put(application + "/policy", "{}");
    SERVICE
        .admin()
        .patch(application + "/senders/" + MADE.get("senderId"), "{\"is_default\":true}");
    // Chance alone makes a batch that is accepted in most runs, not in all.
    for (int round = 2; round < 20 && !SEEN.keySet().containsAll(REACHED); round++) {
      for (Target target : operations().toList()) {
        if (REACHED.stream().anyMatch(it -> it.startsWith(target + " ") && !SEEN.containsKey(it))) {
          fuzz(target, round);
        }
      }
    }
    long refused =
        SEEN.entrySet().stream()
            .filter(it -> it.getKey().endsWith(" 422") || it.getKey().endsWith(" 400"))
            .mapToLong(Map.Entry::getValue)
            .sum();
    long accepted =
        SEEN.entrySet().stream()
            .filter(it -> it.getKey().endsWith(" 200") || it.getKey().endsWith(" 201"))
            .mapToLong(Map.Entry::getValue)
            .sum();
    assertThat(refused).as("seen: " + SEEN).isGreaterThan(300);
    assertThat(accepted).as("seen: " + SEEN).isGreaterThan(300);
    assertThat(SEEN.keySet()).containsAll(REACHED);
  }

  /** Makes requests from schemas, and breaks them. */
  static final class Hostile {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> TEXTS =
        List.of(
            "",
            " ",
            "x",
            "0",
            "-1",
            "9223372036854775807",
            "9223372036854775808",
            "1e999",
            "NaN",
            "null",
            "true",
            "\u0000",
            "a\u0000b",
            "\u202e\u200b",
            "\ud83d\udc69",
            "\u001b[31m",
            "\r\nX-Forged: 1",
            "' or '1'='1",
            "{{7*7}}${7*7}",
            "../../etc/passwd",
            "2026-13-45T99:99:99Z",
            "+999999999-12-31T23:59:59Z",
            "2026-12-24T18:00:00",
            "2026-12-24T18:00:00Z",
            "+15551230000",
            "+1555",
            "ana@example.org",
            "http://127.0.0.1/",
            "text",
            "waha",
            "sandbox",
            "urgent",
            "hold",
            "x".repeat(5000));

    private final Random random;
    private final JsonNode document;

    Hostile(Random random, JsonNode document) {
      this.random = random;
      this.document = document;
    }

    String text() {
      return TEXTS.get(random.nextInt(TEXTS.size()));
    }

    String queryValue(JsonNode schema) {
      boolean number = schema.path("type").asString("").equals("integer");
      return number && random.nextBoolean() ? Integer.toString(random.nextInt(400) - 100) : text();
    }

    Map<String, String> headers(JsonNode operation) {
      Map<String, String> headers = new HashMap<>();
      for (JsonNode parameter : operation.path("parameters")) {
        if (parameter.path("in").asString().equals("header") && random.nextInt(4) == 0) {
          String printable = text().replaceAll("[^ -~]", "?");
          headers.put(parameter.path("name").asString(), printable);
        }
      }
      if (random.nextInt(20) == 0) {
        headers.put(
            "Content-Type", List.of("text/plain", "", "application/xml").get(random.nextInt(3)));
      }
      return headers;
    }

    byte[] body(JsonNode operation) {
      JsonNode schema =
          operation.path("requestBody").path("content").path("application/json").path("schema");
      if (schema.isMissingNode()) {
        return random.nextInt(4) == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : null;
      }
      String json =
          switch (random.nextInt(12)) {
            case 0 -> text();
            case 1 -> "[".repeat(random.nextInt(200));
            case 2 -> "[" + make(schema, 0) + "]";
            case 3 -> make(schema, 0).toString().replaceFirst(":", ",");
            default -> make(schema, 0).toString();
          };
      return json.getBytes(StandardCharsets.UTF_8);
    }

    private JsonNode make(JsonNode schema, int depth) {
      JsonNode resolved = resolve(schema);
      if (depth > 0 && random.nextInt(5) == 0) {
        return wrong();
      }
      JsonNode example = resolved.path("example");
      if (!example.isMissingNode() && random.nextInt(3) > 0) {
        return example;
      }
      JsonNode allowed = resolved.path("enum");
      if (!allowed.isEmpty()) {
        return allowed.get(random.nextInt(allowed.size()));
      }
      return switch (type(resolved)) {
        case "object" -> object(resolved, depth);
        case "array" -> {
          var array = JSON.createArrayNode();
          for (int n = random.nextInt(3); n >= 0; n--) {
            array.add(make(resolved.path("items"), depth + 1));
          }
          yield array;
        }
        case "integer" -> JSON.getNodeFactory().numberNode(random.nextInt(20) - 5);
        case "boolean" -> JSON.getNodeFactory().booleanNode(random.nextBoolean());
        default -> JSON.getNodeFactory().stringNode(likely(text()));
      };
    }

    /** Half of the texts are such that a message may come of them. */
    private String likely(String other) {
      return random.nextBoolean() ? "+15551230000" : other;
    }

    private ObjectNode object(JsonNode schema, int depth) {
      ObjectNode object = JSON.createObjectNode();
      schema
          .path("properties")
          .properties()
          .forEach(property -> {
            boolean main =
                List.of("message_content", "recipient", "app_name", "provider", "messages", "cron")
                    .contains(property.getKey());
            if (depth < 4 && (main ? random.nextInt(8) > 0 : random.nextInt(8) == 0)) {
              object.set(
                  property.getKey(),
                  property.getKey().equals("provider") && random.nextInt(3) > 0
                      ? JSON.getNodeFactory().stringNode("sandbox")
                      : make(property.getValue(), depth + 1));
            }
          });
      if (random.nextInt(10) == 0) {
        object.put("unknown_" + random.nextInt(5), text());
      }
      return object;
    }

    private JsonNode wrong() {
      return switch (random.nextInt(7)) {
        case 0 -> JSON.nullNode();
        case 1 -> JSON.createArrayNode().add(1);
        case 2 -> JSON.createObjectNode().put("a", text());
        case 3 -> JSON.getNodeFactory().numberNode(random.nextLong());
        case 4 -> JSON.getNodeFactory().numberNode(random.nextDouble() * 1e300);
        case 5 -> JSON.getNodeFactory().booleanNode(random.nextBoolean());
        default -> JSON.getNodeFactory().stringNode(text());
      };
    }

    private static String type(JsonNode schema) {
      JsonNode type = schema.path("type");
      return type.isArray()
          ? type.get(0).asString("string")
          : type.asString(schema.has("properties") ? "object" : "string");
    }

    private JsonNode resolve(JsonNode schema) {
      JsonNode one = schema.has("anyOf") ? schema.path("anyOf").get(0) : schema;
      String ref = one.path("$ref").asString("");
      return ref.isEmpty() ? one : document.at(ref.substring(1));
    }
  }
}
