package dev.postrider.channel.whatsappcloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.channel.ApprovedTemplate;
import dev.postrider.channel.Callback;
import dev.postrider.channel.CallbackRefused;
import dev.postrider.channel.Content;
import dev.postrider.channel.Outbound;
import dev.postrider.channel.Provider;
import dev.postrider.channel.ProviderContract;
import dev.postrider.channel.Receipt;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SenderAccount;
import dev.postrider.channel.egress.EgressClient;
import dev.postrider.channel.egress.EgressSockets;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Json;
import dev.postrider.platform.Secret;
import dev.postrider.platform.Settings;
import dev.postrider.platform.Violations;
import dev.postrider.simulator.HttpStub;
import dev.postrider.simulator.WhatsappCloudSimulator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WhatsappCloudProviderTest implements ProviderContract {
  private static final String NUMBER = WhatsappCloudSimulator.NUMBER;
  private final WhatsappCloudSimulator meta = new WhatsappCloudSimulator();
  private final EgressClient egress =
      new EgressClient(new EgressSockets(Settings.read(Map.of(), false)));
  private final Provider provider = new WhatsappCloudProvider(egress, InstantSource.system());

  @AfterEach
  void close() throws Exception {
    egress.close();
    meta.close();
  }

  private static SenderAccount sender(String url, String token) {
    return new SenderAccount(
        7,
        1,
        "whatsapp_cloud",
        null,
        null,
        Map.of("phone_number_id", NUMBER, "base_url", url),
        Map.of(
            "access_token", new Secret(token),
            "app_secret", new Secret(WhatsappCloudSimulator.SECRET),
            "verify_token", new Secret("let me in")),
        true);
  }

  @Override
  public Provider provider() {
    return provider;
  }

  @Override
  public SenderAccount goodSender() {
    return sender(meta.url(), WhatsappCloudSimulator.TOKEN);
  }

  @Override
  public Optional<SenderAccount> deadSender() {
    return Optional.of(sender("http://127.0.0.1:1", WhatsappCloudSimulator.TOKEN));
  }

  @Override
  public Map.Entry<String, String> recipient() {
    return Map.entry("+1 555 867 5310", "+15558675310");
  }

  @Override
  public Optional<String> sent(String header) {
    return Optional.of(meta.lastHeader(header));
  }

  @Override
  public long arrivals(String text) {
    return meta.arrivals().stream()
        .filter(it -> it.at("/text/body").asString("").equals(text))
        .count();
  }

  private SendResult send(Content content) {
    return provider.send(
        new Outbound(
            4711,
            goodSender(),
            "+15558675310",
            content,
            1,
            Duration.ofSeconds(2),
            Instant.EPOCH,
            null,
            null,
            "contract",
            null));
  }

  private static Content.Media media(String type) {
    return new Content.Media("https://example.com/a", null, type, "a.pdf");
  }

  @Test
  void saysItAsMetaWantsIt() {
    assertThat(send(Content.text("Olá"))).isInstanceOf(SendResult.Accepted.class);
    send(new Content(Content.Type.IMAGE, "see", null, null, media("image/png")));
    send(new Content(Content.Type.FILE, null, null, null, media("application/pdf")));
    assertThat(meta.arrivals())
        .containsExactly(
            json(
                """
                {"messaging_product":"whatsapp","recipient_type":"individual","to":"15558675310",
                 "type":"text","text":{"body":"Olá"}}
                """),
            json(
                """
                {"messaging_product":"whatsapp","recipient_type":"individual","to":"15558675310",
                 "type":"image",
                 "image":{"link":"https://example.com/a","caption":"see"}}
                """),
            json(
                """
                {"messaging_product":"whatsapp","recipient_type":"individual","to":"15558675310",
                 "type":"document",
                 "document":{"link":"https://example.com/a","filename":"a.pdf"}}
                """));
  }

  private static tools.jackson.databind.JsonNode json(String text) {
    return Json.mapper().readTree(text);
  }

  private static Content approved(ApprovedTemplate template, Content.@Nullable Media media) {
    return new Content(Content.Type.WHATSAPP_TEMPLATE, null, null, null, media, template);
  }

  @Test
  void namesAnApprovedTemplateAndItsParameters() {
    send(
        approved(
            new ApprovedTemplate(
                "order_ready", "pt_BR", "17", List.of("Ana", "amanhã"), Arrays.asList(null, "abc")),
            null));
    send(approved(new ApprovedTemplate("order_ready", "en", null, null, null), media("video/mp4")));
    assertThat(meta.arrivals().get(0).path("template"))
        .isEqualTo(
            json(
                """
                {"name":"order_ready","language":{"code":"pt_BR"},"components":[
                  {"type":"header","parameters":[{"type":"text","text":"17"}]},
                  {"type":"body","parameters":[{"type":"text","text":"Ana"},
                                               {"type":"text","text":"amanhã"}]},
                  {"type":"button","sub_type":"url","index":"1",
                   "parameters":[{"type":"text","text":"abc"}]}]}
                """));
    assertThat(meta.arrivals().get(1).at("/template/components"))
        .isEqualTo(
            json(
                """
                [{"type":"header","parameters":[{"type":"video",
                  "video":{"link":"https://example.com/a"}}]}]
                """));
  }

  @Test
  void whatIsNoTemplateIsNamed() {
    Violations violations = new Violations();
    new ApprovedTemplate(
            "Order Ready",
            "Portuguese",
            "x".repeat(61),
            List.of("", "a\rb", "a     b", "x".repeat(1025)),
            Arrays.asList(null, " "))
        .check("whatsapp_template", violations);
    assertThat(violations.errors())
        .extracting(FieldError::field)
        .containsExactly(
            "whatsapp_template.name",
            "whatsapp_template.language",
            "whatsapp_template.header",
            "whatsapp_template.body[0]",
            "whatsapp_template.body[1]",
            "whatsapp_template.body[2]",
            "whatsapp_template.body[3]",
            "whatsapp_template.buttons[1]");
    Violations fine = new Violations();
    new ApprovedTemplate("order_ready", "fil", "17", List.of("a    b"), Arrays.asList("x", null))
        .check("whatsapp_template", fine);
    assertThat(fine.errors()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "500, 1, UNCLEAR",
    "500, 131000, UNCLEAR",
    "500, 0, DEFER_SENDER",
    "503, 2, DEFER_SENDER",
    "400, 4, DEFER_SENDER",
    "429, 130429, DEFER_SENDER",
    "400, 131048, DEFER_SENDER",
    "400, 131037, DEFER_SENDER",
    "400, 33, DEFER_SENDER",
    "401, 190, DEFER_SENDER",
    "403, 10, DEFER_SENDER",
    "403, 219, DEFER_SENDER",
    "400, 131056, DEFER_MESSAGE",
    "400, 131026, REJECT",
    "400, 131047, REJECT",
    "404, 99, DEFER_SENDER",
    "404, 132001, REJECT",
    "400, 100, REJECT",
    "400, 131050, REJECT"
  })
  void judgesByCodeThenByStatus(int status, int code, String meaning) {
    meta.instead(_ -> WhatsappCloudSimulator.error(status, code));
    SendResult result = send(Content.text("x"));
    String got =
        switch (result) {
          case SendResult.Accepted _ -> "ACCEPTED";
          case SendResult.Unclear _ -> "UNCLEAR";
          case SendResult.Rejected _ -> "REJECT";
          case SendResult.Deferred deferred -> "DEFER_" + deferred.scope();
        };
    assertThat(got).isEqualTo(meaning);
    assertThat(result.toString()).doesNotContain("+1555").contains("whatsapp_" + code);
  }

  /** A wrong phone_number_id is every message's, not this one's. */
  @Test
  void aNumberThatIsNotThereRestsTheSender() {
    meta.instead(_ ->
        HttpStub.json(400, "{\"error\":{\"code\":100,\"error_subcode\":33,\"message\":\"x\"}}"));
    assertThat(send(Content.text("x"))).isInstanceOf(SendResult.Deferred.class);
  }

  @ParameterizedTest
  @CsvSource({"200", "500", "502", "504", "408"})
  void anAnswerThatNamesNothingIsUnclear(int status) {
    meta.instead(_ -> HttpStub.json(status, "<html>"));
    assertThat(send(Content.text("x"))).isInstanceOf(SendResult.Unclear.class);
  }

  private static Callback callback(String body, String signature) {
    return new Callback(
        name -> name.equals("X-Hub-Signature-256") ? Optional.of(signature) : Optional.empty(),
        body.getBytes(StandardCharsets.UTF_8));
  }

  private static Callback signed(String body) {
    return callback(body, WhatsappCloudSimulator.signature(body, WhatsappCloudSimulator.SECRET));
  }

  @ParameterizedTest
  @CsvSource({
    "sent, SENT",
    "delivered, DELIVERED",
    "read, READ",
    "played, READ",
    "failed, FAILED",
    "deleted,",
    "brand_new,"
  })
  void readsReceipts(String status, Receipt.@Nullable Kind kind) {
    String body = WhatsappCloudSimulator.status(NUMBER, "wamid.1", status, 131026);
    List<Receipt> receipts = provider.receipts(goodSender(), signed(body));
    assertThat(receipts).hasSize(kind == null ? 0 : 1);
    for (Receipt receipt : receipts) {
      assertThat(receipt.kind()).isEqualTo(kind);
      assertThat(receipt.providerMessageId()).isEqualTo("wamid.1");
      assertThat(receipt.at()).isEqualTo(Instant.ofEpochSecond(1_764_079_200));
      assertThat(String.valueOf(receipt.detail())).doesNotContain("+1555");
    }
  }

  @Test
  void believesOnlyWhatIsSignedAndAboutItsNumber() {
    String body = WhatsappCloudSimulator.status(NUMBER, "wamid.1", "read", 0);
    for (String signature :
        List.of(
            "",
            "sha256=",
            "sha256=zz",
            "sha1=00",
            WhatsappCloudSimulator.signature(body, "other"),
            WhatsappCloudSimulator.signature(body + " ", WhatsappCloudSimulator.SECRET))) {
      assertThatThrownBy(() -> provider.receipts(goodSender(), callback(body, signature)))
          .isInstanceOf(CallbackRefused.class);
    }
    String other = WhatsappCloudSimulator.status("1065403", "wamid.1", "read", 0);
    assertThat(provider.receipts(goodSender(), signed(other))).isEmpty();
    for (String odd : List.of("", "[]", "{\"entry\":5}", "{\"entry\":[{\"changes\":{}}]}", "x")) {
      assertThat(provider.receipts(goodSender(), signed(odd))).isEmpty();
    }
  }

  @Test
  void answersOnlyWhoKnowsTheToken() {
    assertThat(challenge("subscribe", "let me in", "1158201444")).hasValue("1158201444");
    assertThat(challenge("subscribe", "let me out", "1158201444")).isEmpty();
    assertThat(challenge("unsubscribe", "let me in", "1158201444")).isEmpty();
    assertThat(challenge("subscribe", "let me in", "x".repeat(1000))).isEmpty();
  }

  private Optional<String> challenge(String mode, String token, String challenge) {
    Map<String, String> query =
        Map.of("hub.mode", mode, "hub.verify_token", token, "hub.challenge", challenge);
    return provider.challenge(goodSender(), name -> Optional.ofNullable(query.get(name)));
  }
}
