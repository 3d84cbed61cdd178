package dev.postrider.channel.twilio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.channel.Callback;
import dev.postrider.channel.CallbackRefused;
import dev.postrider.channel.Content;
import dev.postrider.channel.Outbound;
import dev.postrider.channel.Provider;
import dev.postrider.channel.ProviderContract;
import dev.postrider.channel.Receipt;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SendResult.Scope;
import dev.postrider.channel.SenderAccount;
import dev.postrider.channel.egress.EgressClient;
import dev.postrider.channel.egress.EgressSockets;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Secret;
import dev.postrider.platform.Settings;
import dev.postrider.simulator.HttpStub;
import dev.postrider.simulator.TwilioSimulator;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TwilioProviderTest implements ProviderContract {
  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  private static final String HOOK = "https://postrider.example.org/hooks/twilio/7";
  private final TwilioSimulator twilio = new TwilioSimulator();
  private final EgressClient egress =
      new EgressClient(new EgressSockets(Settings.read(Map.of(), false)));
  private final Provider provider = new TwilioProvider(egress, InstantSource.fixed(NOW));

  @AfterEach
  void close() throws Exception {
    egress.close();
    twilio.close();
  }

  private static SenderAccount sender(
      @Nullable String from, Map<String, String> more, Map<String, Secret> credentials) {
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "account_sid",
                TwilioSimulator.ACCOUNT,
                "public_url",
                "https://postrider.example.org/"));
    settings.putAll(more);
    return new SenderAccount(7, 1, "twilio", from, null, settings, credentials, true);
  }

  private static SenderAccount sender(@Nullable String from, Map<String, String> more) {
    return sender(from, more, Map.of("auth_token", new Secret(TwilioSimulator.TOKEN)));
  }

  @Override
  public Provider provider() {
    return provider;
  }

  @Override
  public SenderAccount goodSender() {
    return sender(TwilioSimulator.FROM, Map.of("base_url", twilio.url()));
  }

  @Override
  public Optional<SenderAccount> deadSender() {
    return Optional.of(sender(TwilioSimulator.FROM, Map.of("base_url", "http://127.0.0.1:1")));
  }

  @Override
  public Map.Entry<String, String> recipient() {
    return Map.entry("+1 555 867 5310", "+15558675310");
  }

  @Override
  public Optional<String> sent(String header) {
    return Optional.of(twilio.lastHeader(header));
  }

  @Override
  public long arrivals(String text) {
    return twilio.arrivals().stream().filter(it -> text.equals(it.get("Body"))).count();
  }

  private Outbound to(
      SenderAccount from, String recipient, Content content, @Nullable Instant end) {
    return new Outbound(
        1, from, recipient, content, 1, Duration.ofSeconds(2), NOW, null, end, "contract", null);
  }

  private SendResult send(SenderAccount from, String recipient) {
    return provider.send(to(from, recipient, Content.text("x"), null));
  }

  @Test
  void saysWhatTwilioNeedsAndNoMore() {
    Content text = Content.text("Grüße & mehr: 100 % + 1 €");
    provider.send(to(goodSender(), "+15558675310", text, null));
    assertThat(twilio.arrivals().getFirst())
        .containsOnly(
            Map.entry("To", "+15558675310"),
            Map.entry("From", TwilioSimulator.FROM),
            Map.entry("Body", "Grüße & mehr: 100 % + 1 €"),
            Map.entry("StatusCallback", HOOK + "#rc=5&rp=5xx,ct,rt"));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "90, 90", "35999, 35999", "36000,", "90000,", "-5, 1"})
  void twilioIsToldHowLongItMayTry(long left, @Nullable String validity) {
    provider.send(to(goodSender(), "+15558675310", Content.text("x"), NOW.plusSeconds(left)));
    assertThat(twilio.arrivals().getFirst().get("ValidityPeriod")).isEqualTo(validity);
  }

  @Test
  void sendsMediaByItsAddressAndThroughAService() {
    String service = "MG" + "0".repeat(32);
    Content image =
        new Content(
            Content.Type.IMAGE,
            null,
            null,
            null,
            new Content.Media("https://example.com/a.png", null, "image/png", "a.png"));
    assertThat(provider.checkContent(image)).isEmpty();
    provider.send(
        to(
            sender(null, Map.of("base_url", twilio.url(), "messaging_service_sid", service)),
            "+15558675310",
            image,
            null));
    assertThat(twilio.arrivals().getFirst())
        .containsEntry("MediaUrl", "https://example.com/a.png")
        .containsEntry("MessagingServiceSid", service)
        .doesNotContainKeys("From", "Body");
    Content inline =
        new Content(
            Content.Type.IMAGE,
            null,
            null,
            null,
            new Content.Media(null, new byte[] {1}, "image/png", "a.png"));
    assertThat(provider.checkContent(inline)).extracting(FieldError::field).contains("media.url");
  }

  /** The numbers of Twilio's test credentials. */
  @ParameterizedTest
  @CsvSource({
    "+15005550001, twilio_21211",
    "+15005550002, twilio_21612",
    "+15005550003, twilio_21408",
    "+15005550004, twilio_21610",
    "+15005550009, twilio_21614"
  })
  void whatCannotBeReachedIsRejectedInOurWords(String recipient, String code) {
    assertThat(send(goodSender(), recipient))
        .isInstanceOfSatisfying(
            SendResult.Rejected.class,
            it -> {
              assertThat(it.code()).isEqualTo(code);
              assertThat(it.detail()).doesNotContain("+1500").contains("Twilio says");
            });
  }

  /** What it says of a recipient is about the recipient, with whatever status it comes. */
  @ParameterizedTest
  @CsvSource({"403, 21608", "410, 21610", "404, 21211"})
  void aRecipientsRefusalRestsNobody(int status, int code) {
    twilio.instead(_ -> TwilioSimulator.error(status, code));
    assertThat(send(goodSender(), "+15558675310")).isInstanceOf(SendResult.Rejected.class);
  }

  @ParameterizedTest
  @CsvSource({
    "+15005550001, twilio_21212",
    "+15005550007, twilio_21606",
    "+15005550008, twilio_21611"
  })
  void whatIsWrongWithTheSenderRestsIt(String from, String code) {
    assertThat(send(sender(from, Map.of("base_url", twilio.url())), "+15558675310"))
        .isInstanceOfSatisfying(
            SendResult.Deferred.class,
            it -> {
              assertThat(it.scope()).isEqualTo(Scope.SENDER);
              assertThat(it.code()).isEqualTo(code);
            });
  }

  @Test
  void wrongCredentialsRestIt() {
    SenderAccount wrong =
        sender(
            TwilioSimulator.FROM,
            Map.of("base_url", twilio.url()),
            Map.of("auth_token", new Secret("wrong")));
    assertThat(send(wrong, "+15558675310"))
        .isInstanceOfSatisfying(
            SendResult.Deferred.class, it -> assertThat(it.code()).isEqualTo("twilio_20003"));
  }

  @Test
  void aRetryAfterIsPassedOn() {
    twilio.instead(_ ->
        new HttpStub.Answer.Full(
            429, Map.of("Retry-After", "30"), "{\"code\":20429}".getBytes(StandardCharsets.UTF_8)));
    assertThat(send(goodSender(), "+15558675310"))
        .isInstanceOfSatisfying(
            SendResult.Deferred.class,
            it -> assertThat(it.retryAfter()).hasValue(Duration.ofSeconds(30)));
  }

  @ParameterizedTest
  @CsvSource({
    "500, UNCLEAR",
    "502, UNCLEAR",
    "504, UNCLEAR",
    "408, UNCLEAR",
    "200, UNCLEAR",
    "503, UNCLEAR",
    "404, DEFER_SENDER",
    "302, DEFER_SENDER",
    "405, DEFER_SENDER",
    "407, DEFER_SENDER",
    "400, REJECT",
    "418, REJECT"
  })
  void judgesWhatIsNoTwilio(int status, String meaning) {
    twilio.instead(_ -> HttpStub.json(status, "<html>"));
    SendResult result = send(goodSender(), "+15558675310");
    assertThat(result)
        .isInstanceOf(
            switch (meaning) {
              case "UNCLEAR" -> SendResult.Unclear.class;
              case "REJECT" -> SendResult.Rejected.class;
              default -> SendResult.Deferred.class;
            });
  }

  /** What stands before it says 503 of a server that went away in the middle, too. */
  @Test
  void itsOwn503TakesNothing() {
    twilio.instead(_ -> HttpStub.json(503, "{\"code\":20500,\"status\":503}"));
    assertThat(send(goodSender(), "+15558675310")).isInstanceOf(SendResult.Deferred.class);
    twilio.instead(_ -> new HttpStub.Answer.Full(503, Map.of("Retry-After", "5"), new byte[0]));
    assertThat(send(goodSender(), "+15558675310")).isInstanceOf(SendResult.Deferred.class);
  }

  @Test
  void whatIsNoCodeIsNotTakenForOne() {
    for (String code : List.of("\"\\u0000\"", "\"" + "9".repeat(10_000) + "\"", "{}")) {
      twilio.instead(_ -> HttpStub.json(400, "{\"code\":" + code + "}"));
      assertThat(send(goodSender(), "+15558675310"))
          .isInstanceOfSatisfying(
              SendResult.Rejected.class, it -> assertThat(it.code()).isEqualTo("http_400"));
    }
  }

  @Test
  void anAnswerThatDoesNotComeIsUnclear() {
    for (HttpStub.Answer answer :
        List.of(
            new HttpStub.Answer.Reset(),
            new HttpStub.Answer.Silence(),
            new HttpStub.Answer.Drip())) {
      twilio.instead(_ -> answer);
      assertThat(send(goodSender(), "+15558675310")).isInstanceOf(SendResult.Unclear.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "sent, SENT",
    "delivered, DELIVERED",
    "read, READ",
    "failed, FAILED",
    "undelivered, FAILED",
    "canceled, FAILED",
    "queued,",
    "accepted,",
    "scheduled,",
    "sending,",
    "brand_new,"
  })
  void readsReceipts(String status, Receipt.@Nullable Kind kind) {
    List<Receipt> receipts =
        provider.receipts(
            goodSender(), callback(HOOK, TwilioSimulator.status("SM1", status, "30005")));
    assertThat(receipts)
        .extracting(Receipt::kind)
        .isEqualTo(kind == null ? List.of() : List.of(kind));
    assertThat(receipts)
        .allMatch(it ->
            it.kind() != Receipt.Kind.FAILED || String.valueOf(it.detail()).contains("30005"));
  }

  private static Callback callback(String url, Map<String, String> fields) {
    return callback(
        TwilioSimulator.signature(url, fields, TwilioSimulator.TOKEN),
        TwilioSimulator.written(fields).getBytes(StandardCharsets.UTF_8));
  }

  private static Callback callback(String signature, byte[] body) {
    return new Callback(
        name -> name.equals("X-Twilio-Signature") ? Optional.of(signature) : Optional.empty(),
        body);
  }

  @Test
  void believesOnlyWhatIsSignedForItsUrlAndAccount() {
    Map<String, String> fields = TwilioSimulator.status("SM1", "delivered", null);
    String withPort = HOOK.replace(".org/", ".org:443/");
    assertThat(provider.receipts(goodSender(), callback(withPort, fields))).hasSize(1);
    SenderAccount odd =
        sender(TwilioSimulator.FROM, Map.of("public_url", "https://postrider.example.org:8443"));
    assertThat(provider.receipts(odd, callback(HOOK, fields))).as("without its port").hasSize(1);
    for (Callback forged :
        List.of(
            callback(HOOK.replace("/7", "/8"), fields),
            callback("x", TwilioSimulator.written(fields).getBytes(StandardCharsets.UTF_8)),
            callback("", "%zz=%".getBytes(StandardCharsets.UTF_8)),
            callback("", "a&".repeat(5000).getBytes(StandardCharsets.UTF_8)),
            callback(
                TwilioSimulator.signature(HOOK, fields, TwilioSimulator.TOKEN),
                TwilioSimulator.written(TwilioSimulator.status("SM2", "delivered", null))
                    .getBytes(StandardCharsets.UTF_8)))) {
      assertThatThrownBy(() -> provider.receipts(goodSender(), forged))
          .isInstanceOf(CallbackRefused.class);
    }
    Map<String, String> foreign = new TreeMap<>(fields);
    foreign.put("AccountSid", "AC" + "f".repeat(32));
    assertThatThrownBy(() -> provider.receipts(goodSender(), callback(HOOK, foreign)))
        .isInstanceOf(CallbackRefused.class);
  }

  /** twilio.com/docs/usage/security, but without the query that our URLs never have. */
  @Test
  void signsAsDocumented() {
    Map<String, String> fields =
        Map.of(
            "CallSid", "CA1234567890ABCDE",
            "Caller", "+14158675309",
            "Digits", "1234",
            "From", "+14158675309",
            "To", "+18005551212");
    assertThat(
            TwilioSimulator.signature(
                "https://mycompany.com/myapp.php?foo=1&bar=2", fields, "12345"))
        .isEqualTo("RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    assertThat(
            TwilioReceipts.verified(
                callback(
                    TwilioSimulator.signature(HOOK, fields, "12345"),
                    TwilioSimulator.written(fields).getBytes(StandardCharsets.UTF_8)),
                URI.create(HOOK),
                "12345"))
        .isEqualTo(fields);
  }

  @Test
  void namesWhatIsWrongWithASender() {
    SenderAccount wrong =
        sender(
            null,
            Map.of(
                "account_sid", "AC1",
                "messaging_service_sid", "x",
                "public_url", "https://my_host.example.org"),
            Map.of("api_key", new Secret("SK1")));
    assertThat(provider.checkSender(wrong))
        .extracting(FieldError::field)
        .containsExactlyInAnyOrder(
            "settings.account_sid",
            "settings.messaging_service_sid",
            "settings.public_url",
            "credentials.auth_token",
            "credentials.api_secret");
    assertThat(provider.checkSender(sender(null, Map.of())))
        .extracting(FieldError::field)
        .containsExactly("address");
    for (String from : List.of("+15005550006", "12345", "My Shop")) {
      assertThat(provider.checkSender(sender(from, Map.of()))).as(from).isEmpty();
    }
    assertThat(provider.checkSender(sender("not a name at all", Map.of()))).isNotEmpty();
  }
}
