package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.Json;
import dev.postrider.simulator.WhatsappCloudSimulator;
import dev.postrider.testing.Api;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** WhatsApp without WAHA, and the templates that WhatsApp has approved. */
class WhatsappCloudE2ETest {
  private static WhatsappCloudSimulator meta;
  private static RunningService service;

  @BeforeAll
  static void start() {
    meta = new WhatsappCloudSimulator();
    service = RunningService.start(Map.of());
  }

  @AfterAll
  static void stop() {
    service.close();
    meta.close();
  }

  /** By the operator, for Meta is on a private address here. */
  private static long sender(TestApp app) {
    return new TestApp(app.id(), app.key(), service.admin())
        .sender(
            Json.write(
                Map.of(
                    "provider", "whatsapp_cloud",
                    "settings",
                        Map.of(
                            "phone_number_id",
                            WhatsappCloudSimulator.NUMBER,
                            "base_url",
                            meta.url()),
                    "credentials",
                        Map.of(
                            "access_token", WhatsappCloudSimulator.TOKEN,
                            "app_secret", WhatsappCloudSimulator.SECRET,
                            "verify_token", "let-me-in"))));
  }

  private static final String READY =
      """
      {"recipient":"+15558675310","whatsapp_template":
        {"name":"order_ready","language":"pt_BR","body":["Ana","17"]}}
      """;

  private static final String IMAGE =
      "{\"url\":\"https://example.com/a.png\",\"mimetype\":\"image/png\",\"filename\":\"a.png\"}";

  @Test
  void anApprovedTemplateIsSentKeptAndToldOf() {
    TestApp app = service.app();
    long sender = sender(app);
    long id = app.api().message(app.id(), READY);
    JsonNode sent = app.api().await(app.id(), id, "sent");
    assertThat(sent.path("message_type").asString()).isEqualTo("whatsapp_template");
    assertThat(sent.at("/whatsapp_template/name").asString()).isEqualTo("order_ready");
    assertThat(sent.path("message_content").isNull()).isTrue();
    JsonNode arrival =
        meta.arrivals().stream()
            .filter(
                it -> it.at("/template/components/0/parameters/0/text").asString("").equals("Ana"))
            .findFirst()
            .orElseThrow();
    assertThat(arrival.at("/template/components/0/parameters/1/text").asString()).isEqualTo("17");
    String wamid = sent.path("provider_message_id").asString();
    String body = WhatsappCloudSimulator.status(WhatsappCloudSimulator.NUMBER, wamid, "read", 0);
    Api meta = new Api(app.api().url(), "");
    String hook = "/hooks/whatsapp_cloud/" + sender;
    assertThat(
            meta.send("POST", hook, Json.utf8(body), Map.of("X-Hub-Signature-256", "x")).status())
        .isEqualTo(401);
    Map<String, String> signed =
        Map.of(
            "X-Hub-Signature-256",
            WhatsappCloudSimulator.signature(body, WhatsappCloudSimulator.SECRET));
    assertThat(meta.send("POST", hook, Json.utf8(body), signed).status()).isEqualTo(200);
    app.api().await(app.id(), id, "read");
    for (int mebi : new int[] {2, 4}) {
      byte[] large = Json.utf8(body + " ".repeat(mebi << 20));
      Map<String, String> its =
          Map.of(
              "X-Hub-Signature-256",
              WhatsappCloudSimulator.signature(
                  new String(large, StandardCharsets.UTF_8), WhatsappCloudSimulator.SECRET));
      assertThat(meta.send("POST", hook, large, its).status()).isEqualTo(mebi < 3 ? 200 : 413);
    }
  }

  /** A template of ours names one of WhatsApp's, and says it in words where there is none. */
  @Test
  void aTemplateOfOursFillsInOneOfWhatsapps() {
    TestApp app = service.app();
    sender(app);
    String templates = "/api/applications/" + app.id() + "/templates";
    String draft =
        """
        {"template_name":"ready","draft":{"default_locale":"pt-BR",
          "variables":{"name":{"type":"string","required":true,"example":"Ana"},
                       "order":{"type":"integer","example":17}},
          "variants":[{"locale":"pt-BR","text":"%s"},
                      {"locale":"pt-BR","channel":"whatsapp","whatsapp_template":
                        {"name":"order_ready","language":"pt_BR","body":["{{name}}","n. {{order}}"]}}]}}
        """;
    Api.Answer refused =
        app.api().post(templates, draft.formatted("x").replace("{{name}}", "{{no}}"));
    assertThat(refused.json().at("/errors/0/field").asString())
        .isEqualTo("variants.1.whatsapp_template.body[0]");
    app.api().post(templates, draft.formatted("Pronto, {{name}}!"));
    assertThat(app.api().post(templates + "/ready/publish", "").status()).isEqualTo(200);
    JsonNode preview =
        app.api().post(templates + "/ready/preview", "{\"channel\":\"whatsapp\"}").data();
    assertThat(preview.at("/whatsapp_template/body/1").asString()).isEqualTo("n. 17");
    String message =
        """
        {"recipient":"+15558675310","template":{"name":"ready","variables":{"name":"%s","order":18}}}
        """;
    long id = app.api().message(app.id(), message.formatted("Bia {{order}}"));
    JsonNode sent = app.api().await(app.id(), id, "sent");
    assertThat(sent.at("/whatsapp_template/body").toString())
        .isEqualTo("[\"Bia {{order}}\",\"n. 18\"]");
    assertThat(sent.at("/template/version").asInt()).isEqualTo(1);
    Api.Answer twoLines = app.api().post(app.path(), message.formatted("B\\ni"));
    assertThat(twoLines.json().at("/errors/0/field").asString()).isEqualTo("template.body[0]");
    // Another provider of the channel has only words.
    TestApp sandbox = service.sandboxApp();
    String others = templates.replace("/" + app.id() + "/", "/" + sandbox.id() + "/");
    sandbox.api().post(others, draft.formatted("Pronto, {{name}}!"));
    sandbox.api().post(others + "/ready/publish", "");
    long said = sandbox.api().message(sandbox.id(), message.formatted("Bia"));
    assertThat(sandbox.api().show(sandbox.id(), said).path("message_content").asString())
        .isEqualTo("Pronto, Bia!");
  }

  @Test
  void metaFindsOutThatTheAddressIsTheRightOne() {
    TestApp app = service.app();
    String hook = "/hooks/whatsapp_cloud/" + sender(app);
    Api meta = new Api(app.api().url(), "");
    String query = "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
    assertThat(meta.get(hook + query + "let-me-in").body()).isEqualTo("1158201444");
    assertThat(meta.get(hook + query + "wrong").status()).isEqualTo(401);
    assertThat(meta.get("/hooks/waha/1" + query + "let-me-in").status()).isEqualTo(401);
  }

  @Test
  void aTemplateThatWhatsappDoesNotKnowFailsWithItsReason() {
    TestApp app = service.app();
    sender(app);
    long id = app.api().message(app.id(), READY.replace("order_ready", "unknown"));
    JsonNode failed = app.api().await(app.id(), id, "failed");
    assertThat(failed.at("/last_error/code").asString()).isEqualTo("whatsapp_132001");
    assertThat(failed.at("/last_error/detail").asString()).contains("not approved");
  }

  @Test
  void badInputIsNamedAndOtherProvidersRefuseIt() {
    TestApp app = service.app();
    sender(app);
    for (String[] bad :
        new String[][] {
          {READY.replace("order_ready", "Order Ready"), "whatsapp_template.name"},
          {READY.replace("\"17\"", "null"), "whatsapp_template.body[1]"},
          {
            READY.replace("{\"recipient\"", "{\"message_content\":\"x\",\"recipient\""),
            "whatsapp_template"
          },
          {
            READY.replace("{\"recipient\"", "{\"message_type\":\"text\",\"recipient\""),
            "message_type"
          },
          {
            READY
                .replace("\"body\"", "\"header\":\"17\",\"body\"")
                .replace("{\"recipient\"", "{\"media\":" + IMAGE + ",\"recipient\""),
            "media"
          },
          {
            "{\"recipient\":\"+15558675310\",\"message_type\":\"whatsapp_template\"}",
            "whatsapp_template"
          }
        }) {
      Api.Answer refused = app.api().post(app.path(), bad[0]);
      assertThat(refused.status()).as(refused.body()).isEqualTo(422);
      assertThat(refused.json().at("/errors/0/field").asString()).isEqualTo(bad[1]);
    }
    TestApp sandbox = service.sandboxApp();
    Api.Answer refused = sandbox.api().post(sandbox.path(), READY);
    assertThat(refused.json().at("/errors/0/field").asString()).isEqualTo("whatsapp_template");
    JsonNode planned =
        app.api().post(app.path() + "/plan", "{\"messages\":[" + READY + "]}").data();
    assertThat(planned.at("/messages/0/whatsapp_template/language").asString()).isEqualTo("pt_BR");
  }
}
