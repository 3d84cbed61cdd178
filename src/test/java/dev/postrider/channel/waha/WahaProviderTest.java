package dev.postrider.channel.waha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.channel.Callback;
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
import dev.postrider.platform.Secret;
import dev.postrider.platform.Settings;
import dev.postrider.platform.secret.MasterKey;
import dev.postrider.simulator.WahaSimulator;
import dev.postrider.simulator.WahaSimulator.Mood;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WahaProviderTest implements ProviderContract {
  private final WahaSimulator waha = new WahaSimulator("key");
  private final Settings settings = Settings.read(Map.of(), false);
  private final EgressSockets sockets = new EgressSockets(settings);
  private final EgressClient egress = new EgressClient(sockets);
  private final WahaIds ids = new WahaIds(MasterKey.parse(new Secret(MasterKey.generate())));
  private final Provider provider =
      new WahaProvider(new WahaClient(egress, settings), ids, sockets, InstantSource.system());

  @AfterEach
  void close() throws Exception {
    egress.close();
    waha.close();
  }

  private static SenderAccount sender(String url, Map<String, String> more, boolean trusted) {
    Map<String, String> settings = new java.util.HashMap<>(Map.of("base_url", url));
    settings.putAll(more);
    return new SenderAccount(
        1,
        1,
        "waha",
        null,
        null,
        settings,
        Map.of("api_key", new Secret("key"), "hmac_key", new Secret("hmac")),
        trusted);
  }

  @Override
  public Provider provider() {
    return provider;
  }

  @Override
  public SenderAccount goodSender() {
    return sender(waha.url(), Map.of(), true);
  }

  @Override
  public Optional<SenderAccount> deadSender() {
    return Optional.of(sender("http://127.0.0.1:1", Map.of(), true));
  }

  @Override
  public Map.Entry<String, String> recipient() {
    return Map.entry("+49 151 12345678", "+4915112345678");
  }

  @Override
  public Optional<String> sent(String header) {
    return Optional.of(waha.lastHeader(header));
  }

  @Override
  public long arrivals(String text) {
    return waha.arrivals().stream().filter(it -> it.text().equals(text)).count();
  }

  private SendResult send() {
    return provider.send(outbound(goodSender(), "x"));
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "TAKE_AND_RESET",
        "RESET",
        "NO_ID",
        "HTML",
        "STATUS_500",
        "TAKE_AND_SILENCE",
        "DRIP",
        "EMPTY",
        "WRONG_TYPES",
        "DUPLICATE_KEYS",
        "NO_STATUS_LINE",
        "ENDLESS_HEADERS",
        "ENDLESS_BODY",
        "ENDLESS_CHUNKS",
        "GZIP_BOMB",
        "CONTINUE_FLOOD"
      })
  void saysUnclearWheneverItMayHaveArrivedAndEndsInTime(Mood mood) {
    waha.next(mood);
    long start = System.nanoTime();
    Outbound hasty = outbound(goodSender(), "x").within(Duration.ofSeconds(1));
    SendResult result = provider.send(hasty);
    assertThat(result).isInstanceOf(SendResult.Unclear.class);
    assertThat(((SendResult.Unclear) result).expectedId())
        .contains(ids.chosen(4711, hasty.acceptedAt()));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void tellsTheMessagesFaultFromTheSenders() {
    waha.next(Mood.STATUS_400);
    assertThat(send()).isInstanceOf(SendResult.Rejected.class);
    waha.retryAfter("7");
    waha.next(Mood.STATUS_429);
    assertThat(send())
        .isEqualTo(
            new SendResult.Deferred(
                Scope.SENDER, "http_429", "WAHA answered 429", Optional.of(Duration.ofSeconds(7))));
    waha.session("default", "STARTING");
    assertThat(((SendResult.Deferred) send()).code()).isEqualTo("session_not_working");
    SenderAccount unknown = sender(waha.url(), Map.of("session", "nobody"), true);
    assertThat(((SendResult.Deferred) provider.send(outbound(unknown, "x"))).code())
        .isEqualTo("http_404");
  }

  @Test
  void asksForTheSameIdOnEveryAttempt() {
    waha.next(Mood.TAKE_AND_RESET);
    send();
    send();
    List<String> keys = waha.arrivals().stream().map(WahaSimulator.Arrival::key).toList();
    assertThat(keys).hasSize(2).allMatch(it -> it.matches("3EB0[0-9A-F]{18}"));
    assertThat(keys.getFirst()).isEqualTo(keys.getLast());
  }

  /** Numbers come again after a restore: what was sent before it must not be taken for this. */
  @Test
  void whatWasAcceptedAtAnotherTimeHasAnotherId() {
    Instant at = Instant.parse("2026-11-23T10:00:00Z");
    assertThat(ids.chosen(4711, at)).isEqualTo(ids.chosen(4711, at.plusNanos(1000)));
    assertThat(ids.chosen(4711, at)).isNotEqualTo(ids.chosen(4711, at.plusMillis(1)));
  }

  @Test
  void findsWhatArrivedAndSaysWhatDidNot() {
    Outbound outbound = outbound(goodSender(), "x");
    assertThat(provider.find(outbound)).isInstanceOf(Provider.Found.NotThere.class);
    provider.send(outbound);
    assertThat(provider.find(outbound))
        .isEqualTo(new Provider.Found.There(ids.chosen(4711, outbound.acceptedAt())));
    SenderAccount plain = sender(waha.url(), Map.of("choose_ids", "false"), true);
    assertThat(provider.find(outbound(plain, "x"))).isInstanceOf(Provider.Found.Unknown.class);
    assertThat(provider.find(outbound(deadSender().orElseThrow(), "x")))
        .isInstanceOf(Provider.Found.Unknown.class);
  }

  /** Its failure was told by a receipt; a yes would be the last that is heard of it. */
  @Test
  void whatWhatsAppCouldNotDeliverIsNoArrival() {
    Outbound outbound = outbound(goodSender(), "x");
    provider.send(outbound);
    waha.ack(-1);
    assertThat(provider.find(outbound)).isInstanceOf(Provider.Found.Unknown.class);
  }

  /** Some engines know a group's messages by longer ids than ours. */
  @Test
  void aMissInAGroupIsNoNo() {
    Outbound grouped =
        new Outbound(
            4711,
            goodSender(),
            "120363000000000000@g.us",
            Content.text("x"),
            1,
            Duration.ofSeconds(5),
            Instant.parse("2026-11-23T10:00:00Z"),
            null,
            null,
            "group",
            null);
    assertThat(provider.find(grouped)).isInstanceOf(Provider.Found.Unknown.class);
  }

  @Test
  void reachesNoPrivateAddressForACustomer() {
    SendResult result = provider.send(outbound(sender(waha.url(), Map.of(), false), "x"));
    assertThat(((SendResult.Deferred) result).code()).isEqualTo("address_refused");
    assertThat(waha.calls()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"status\":\"starting\"}",
        "{\"numberExists\":\"no\"}",
        "[]",
        "{\"numberExists\":true,\"chatId\":\"something to be remembered\"}"
      })
  void aCheckThatSaysNeitherYesNorNoIsNoNo(String said) {
    waha.checksSay(said);
    SenderAccount checking = sender(waha.url(), Map.of("check_number", "always"), true);
    assertThat(provider.send(outbound(checking, "x")))
        .isInstanceOfSatisfying(
            SendResult.Deferred.class, it -> assertThat(it.code()).isEqualTo("check_failed"));
  }

  /** 0177.0.0.1 is 127.0.0.1 to whoever reads it as a browser does. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/latest",
        "http://0177.0.0.1:8000/actuator",
        "http://012.0.0.5/",
        "http://127.1/"
      })
  void letsWahaFetchNothingFromAPrivateAddress(String url) {
    Content image =
        new Content(
            Content.Type.IMAGE,
            null,
            null,
            null,
            new Content.Media(url, null, "image/png", "a.png"));
    Outbound fetch =
        new Outbound(
            1,
            goodSender(),
            "+4915112345678",
            image,
            1,
            Duration.ofSeconds(5),
            Instant.EPOCH,
            null,
            null,
            "c",
            null);
    assertThat(provider.send(fetch)).isInstanceOf(SendResult.Rejected.class);
    assertThat(waha.calls()).isZero();
  }

  @Test
  void checksTheDocumentedSignatureVector() {
    String body = "{\"event\":\"message\",\"session\":\"default\",\"engine\":\"WEBJS\"}";
    String signature =
        "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89";
    Callback callback =
        new Callback(
            name -> name.equals("X-Webhook-Hmac") ? Optional.of(signature) : Optional.empty(),
            body.getBytes(StandardCharsets.UTF_8));
    WahaReceipts.verify(callback, "my-secret-key");
    assertThat(WahaReceipts.parse(callback.body(), "default")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"-1,FAILED", "1,SENT", "2,DELIVERED", "3,READ", "4,READ"})
  void readsAcks(int ack, Receipt.Kind kind) {
    byte[] body =
        WahaSimulator.ack("default", "true_1@lid_3EB0A", ack).getBytes(StandardCharsets.UTF_8);
    Receipt receipt = WahaReceipts.parse(body, "default").getFirst();
    assertThat(receipt.kind()).isEqualTo(kind);
    assertThat(receipt.providerMessageId()).isEqualTo("3EB0A");
  }

  @Test
  void ignoresWhatIsNoReceiptAndSurvivesNonsense() {
    for (String body :
        List.of(
            "",
            "[]",
            "7",
            "{}",
            "{\"event\":\"message\"}",
            "not json",
            "{\"event\":\"message.ack\",\"session\":\"default\",\"payload\":{\"ack\":2}}",
            "{\"event\":\"message.ack\",\"session\":\"default\",\"payload\":{\"ack\":\"x\",\"id\":[]}}",
            WahaSimulator.ack("default", "true_1@c.us_A\\u0000B", 2),
            WahaSimulator.ack("default", "x", 0))) {
      assertThat(WahaReceipts.parse(body.getBytes(StandardCharsets.UTF_8), "default"))
          .as(body)
          .isEmpty();
    }
  }
}
