package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input gets a problem that names the field and the rule, and stores nothing. */
class BadInputE2ETest {
  private static final RunningService SERVICE = RunningService.shared();
  private static final TestApp APP = SERVICE.sandboxApp();

  static Stream<Arguments> wrongFields() {
    String ok = "\"message_content\":\"x\",\"recipient\":\"+15551230000\"";
    return Stream.of(
        Arguments.of("{}", "message_content"),
        Arguments.of(
            "{\"message_content\":\"\",\"recipient\":\"+15551230000\"}", "message_content"),
        Arguments.of(
            "{\"message_content\":\"   \",\"recipient\":\"+15551230000\"}", "message_content"),
        Arguments.of(
            "{\"message_content\":\"" + "x".repeat(4097) + "\",\"recipient\":\"+15551230000\"}",
            "message_content"),
        Arguments.of(
            "{\"message_content\":\"a\\u0000b\",\"recipient\":\"+15551230000\"}",
            "message_content"),
        Arguments.of(
            "{\"message_content\":\"a\\ud800b\",\"recipient\":\"+15551230000\"}",
            "message_content"),
        Arguments.of(
            "{\"message_content\":\"a\\u001bb\",\"recipient\":\"+15551230000\"}",
            "message_content"),
        Arguments.of("{\"message_content\":7,\"recipient\":\"+15551230000\"}", "message_content"),
        Arguments.of(
            "{\"message_content\":[\"x\"],\"recipient\":\"+15551230000\"}", "message_content"),
        Arguments.of("{\"message_content\":\"x\"}", "recipient"),
        Arguments.of("{\"message_content\":\"x\",\"recipient\":\"0151 234\"}", "recipient"),
        Arguments.of("{\"message_content\":\"x\",\"recipient\":\"+1555\"}", "recipient"),
        Arguments.of("{\"message_content\":\"x\",\"recipient\":\"+999123456789\"}", "recipient"),
        Arguments.of("{\"message_content\":\"x\",\"recipient\":\"ana@\"}", "recipient"),
        Arguments.of("{" + ok + ",\"recipient_phone_number\":\"+15551230000\"}", "recipient"),
        Arguments.of("{" + ok + ",\"colour\":\"red\"}", "colour"),
        Arguments.of("{" + ok + ",\"sender_id\":999999}", "sender_id"),
        Arguments.of("{" + ok + ",\"sender_id\":1e400}", "sender_id"),
        Arguments.of("{" + ok + ",\"sender_id\":\"1\"}", "sender_id"),
        Arguments.of("{" + ok + ",\"sender_id\":1.5}", "sender_id"),
        Arguments.of("{" + ok + ",\"message_type\":\"fax\"}", "message_type"),
        Arguments.of("{" + ok + ",\"message_type\":\"image\"}", "media"),
        Arguments.of(
            "{"
                + ok
                + ",\"message_type\":\"image\",\"media\":{\"data\":\"%%\",\"mimetype\":\"image/png\",\"filename\":\"a\"}}",
            "media.data"),
        Arguments.of(
            "{"
                + ok
                + ",\"message_type\":\"image\",\"media\":{\"url\":\"file:///etc/passwd\",\"mimetype\":\"image/png\",\"filename\":\"a\"}}",
            "media.url"),
        Arguments.of(
            "{"
                + ok
                + ",\"message_type\":\"file\",\"media\":{\"url\":\"https://a.b/c\",\"mimetype\":\"x\\r\\ny\",\"filename\":\"a\"}}",
            "media.mimetype"),
        Arguments.of("{" + ok + ",\"priority\":\"asap\"}", "priority"),
        Arguments.of("{" + ok + ",\"on_ambiguous\":\"pray\"}", "on_ambiguous"),
        Arguments.of("{" + ok + ",\"max_attempts\":0}", "max_attempts"),
        Arguments.of("{" + ok + ",\"max_attempts\":99999999999}", "max_attempts"),
        Arguments.of("{" + ok + ",\"scheduled_for\":\"tomorrow\"}", "scheduled_for"),
        Arguments.of("{" + ok + ",\"scheduled_for\":\"2026-11-23T10:00:00\"}", "scheduled_for"),
        Arguments.of(
            "{" + ok + ",\"scheduled_for\":\"+999999999-12-31T23:59:59Z\"}", "scheduled_for"),
        Arguments.of("{" + ok + ",\"scheduled_for\":\"2020-01-01T00:00:00Z\"}", "scheduled_for"),
        Arguments.of("{" + ok + ",\"expires_at\":\"2020-01-01T00:00:00Z\"}", "expires_at"),
        Arguments.of("{" + ok + ",\"metadata\":[1]}", "metadata"),
        Arguments.of("{" + ok + ",\"metadata\":{\"a\":\"\\u0000\"}}", "metadata"),
        Arguments.of("{" + ok + ",\"metadata\":{\"a\":\"" + "x".repeat(5000) + "\"}}", "metadata"),
        Arguments.of("{" + ok + ",\"subject\":\"a\\nBcc: b@c.d\"}", "subject"));
  }

  @ParameterizedTest
  @MethodSource("wrongFields")
  void namesTheFieldAndStoresNothing(String body, String field) {
    long before = stored();
    Api.Answer answer = APP.api().post(APP.path(), body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(422);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.fields()).contains(field);
    assertThat(answer.json().path("success").asBoolean()).isFalse();
    assertThat(answer.json().path("code").asString()).isEqualTo("validation_failed");
    assertThat(answer.json().path("correlation_id").asString()).isNotEmpty();
    assertThat(stored()).isEqualTo(before);
  }

  private static long stored() {
    return SERVICE
        .database()
        .jdbc()
        .sql("select count(*) from messages where app_id = :app")
        .param("app", APP.id())
        .query(Long.class)
        .single();
  }

  static Stream<Arguments> unreadable() {
    return Stream.of(
        Arguments.of("", 400),
        Arguments.of("null", 400),
        Arguments.of("{", 400),
        Arguments.of("{\"message_content\":\"x\"} trailing", 400),
        Arguments.of("{\"message_content\":\"x\",\"message_content\":\"y\"}", 400),
        Arguments.of("{\"message_content\":NaN}", 400),
        Arguments.of("// comment\n{}", 400),
        Arguments.of("\ufeff{}", 400),
        Arguments.of("{\"metadata\":" + "[".repeat(100_000), 400),
        Arguments.of("{\"metadata\":" + "{\"a\":".repeat(40) + "1" + "}".repeat(41), 400),
        Arguments.of("{\"max_attempts\":" + "9".repeat(100) + "}", 400),
        Arguments.of("{\"" + "k".repeat(1000) + "\":1}", 400),
        Arguments.of("[]", 422),
        Arguments.of("\"text\"", 422),
        Arguments.of("{\"message_content\":\"" + "x".repeat(300_000) + "\"}", 413));
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void refusesWhatIsNotOneJsonObject(String body, int status) {
    Api.Answer answer = APP.api().post(APP.path(), body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
  }

  @Test
  void refusesOtherEncodingsAndTypes() throws Exception {
    String body = "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}";
    byte[] invalid = body.replace("x", "\u00ff").getBytes(StandardCharsets.ISO_8859_1);
    assertThat(raw(invalid, Map.of()).status()).isEqualTo(400);
    assertThat(raw(body.getBytes(StandardCharsets.UTF_16), Map.of()).status()).isEqualTo(400);
    assertThat(raw(body.getBytes(StandardCharsets.UTF_16BE), Map.of()).status()).isEqualTo(400);
    assertThat(
            raw(body.getBytes(StandardCharsets.UTF_8), Map.of("Content-Type", "text/plain"))
                .status())
        .isEqualTo(415);
    assertThat(
            raw(
                    body.getBytes(StandardCharsets.UTF_8),
                    Map.of("Content-Type", "application/json;charset=utf-16"))
                .status())
        .isEqualTo(415);
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      gzip.write(body.getBytes(StandardCharsets.UTF_8));
    }
    Map<String, String> headers = Map.of("Content-Encoding", "gzip");
    assertThat(raw(zipped.toByteArray(), headers).status()).isEqualTo(415);
    String action = "/api/applications/" + APP.id() + "/resume";
    assertThat(APP.api().send("POST", action, zipped.toByteArray(), headers).status())
        .isEqualTo(415);
  }

  private static Api.Answer raw(byte[] body, Map<String, String> headers) {
    return APP.api().send("POST", APP.path(), body, headers);
  }

  @Test
  void refusesBadParametersAndCursors() {
    for (String query :
        List.of(
            "limit=0",
            "limit=201",
            "limit=x",
            "cursor=AAAA",
            "cursor=%00",
            "status=lost",
            "sender_id=x",
            "created_from=yesterday",
            "created_from=%2B999999999-12-31T23:59:59Z",
            "recipient=a%00b",
            "sender_id=99999999999999999999999")) {
      Api.Answer answer = APP.api().get(APP.path() + "?" + query);
      assertThat(answer.status()).as(query + ": " + answer.body()).isEqualTo(422);
      assertThat(answer.fields()).as(query).isNotEmpty();
    }
    for (String query : List.of("by=week", "from=x", "from=2020-01-01T00:00:00Z")) {
      assertThat(APP.api().get("/api/metrics/" + APP.id() + "?" + query).status())
          .as(query)
          .isEqualTo(422);
    }
  }

  @Test
  void answersNotFoundForIdsThatCannotExist() {
    for (String id : List.of("0", "-1", "999999", "abc", "99999999999999999999", "1e3", "%00")) {
      for (String rest : List.of("", "/logs", "/explain", "/metrics", "/attempts")) {
        Api.Answer answer = APP.api().get(APP.path() + "/" + id + rest);
        assertThat(answer.status()).as(id + rest).isIn(400, 404);
        assertThat(answer.body()).as(id + rest).contains("\"success\":false");
      }
    }
  }

  @Test
  void refusesBadSenders() {
    String senders = "/api/applications/" + APP.id() + "/senders";
    assertThat(APP.api().post(senders, "{}").fields()).contains("provider");
    assertThat(APP.api().post(senders, "{\"provider\":\"pigeon\"}").fields()).contains("provider");
    assertThat(APP.api().post(senders, "{\"provider\":\"waha\"}").fields())
        .contains("settings.base_url");
    assertThat(
            APP.api()
                .post(
                    senders,
                    "{\"provider\":\"smtp\",\"address\":\"x\",\"settings\":{\"host\":\"h\",\"port\":70000}}")
                .fields())
        .contains("address", "settings.port");
    assertThat(
            APP.api().post(senders, "{\"provider\":\"sandbox\",\"settings\":{\"a\":{}}}").fields())
        .contains("settings.a");
    assertThat(
            APP.api()
                .post(senders, "{\"provider\":\"sandbox\",\"settings\":{\"a\":1e999}}")
                .status())
        .isEqualTo(422);
    assertThat(
            APP.api()
                .post(senders, "{\"provider\":\"sandbox\",\"credentials\":{\"a\":null}}")
                .status())
        .isEqualTo(422);
    assertThat(
            APP.api()
                .post(
                    senders,
                    "{\"provider\":\"waha\",\"settings\":{\"base_url\":\"http://user:pw@h\"},\"credentials\":{\"api_key\":\"k\"}}")
                .fields())
        .contains("settings.base_url");
    assertThat(
            APP.api()
                .post(
                    senders,
                    "{\"provider\":\"waha\",\"settings\":{\"base_url\":\"https://waha.example.org:99999\"},\"credentials\":{\"api_key\":\"\"}}")
                .fields())
        .contains("settings.base_url", "credentials.api_key");
  }

  @Test
  void refusesBadApplications() {
    Api admin = SERVICE.admin();
    assertThat(admin.post("/api/applications", "{}").fields()).contains("app_name");
    assertThat(admin.post("/api/applications", "{\"app_name\":\"a\\u0007\"}").fields())
        .contains("app_name");
    assertThat(
            admin
                .post("/api/applications", "{\"app_name\":\"x\",\"default_recipient\":\"123\"}")
                .fields())
        .contains("default_recipient");
    admin.post("/api/applications", "{\"app_name\":\"taken\"}");
    assertThat(admin.post("/api/applications", "{\"app_name\":\"taken\"}").status()).isEqualTo(409);
  }

  @Test
  void answersUnknownRoutesAndMethodsAsProblems() {
    assertThat(APP.api().get("/nowhere").json().path("code").asString()).isEqualTo("not_found");
    assertThat(APP.api().delete(APP.path()).json().path("code").asString())
        .isEqualTo("method_not_allowed");
  }

  static Stream<String> pathsThatTakeNothing() {
    return SERVICE.admin().get("/openapi.json").json().path("paths").properties().stream()
        .filter(it -> it.getKey().startsWith("/api/") && it.getValue().has("post"))
        .filter(it -> !it.getValue().path("post").has("requestBody"))
        .map(Map.Entry::getKey);
  }

  /** A retry to another recipient, say, would go to the old one. */
  @ParameterizedTest
  @MethodSource("pathsThatTakeNothing")
  void saysThatAFieldHasNoEffectWhereThereIsNone(String path) {
    String mine =
        path.replace("{appId}", Long.toString(APP.id()))
            .replaceAll("\\{[a-zA-Z]+Id}", "1")
            .replaceAll("\\{[a-zA-Z]+}", "x");
    Api.Answer answer = APP.api().post(mine, "{\"recipient\":\"+15551230000\"}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(422);
    assertThat(answer.json().path("errors").get(0).path("field").asString()).isEqualTo("recipient");
  }
}
