package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.Json;
import dev.postrider.simulator.TwilioSimulator;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** SMS: planned by segments, sent, and told of. */
class TwilioE2ETest {
  private static final String PUBLIC = "https://postrider.example.org";
  private static TwilioSimulator twilio;
  private static RunningService service;

  @BeforeAll
  static void start() {
    twilio = new TwilioSimulator();
    service = RunningService.start(Map.of());
  }

  @AfterAll
  static void stop() {
    service.close();
    twilio.close();
  }

  /** By the operator, for Twilio is on a private address here. */
  private static long sender(TestApp app) {
    return new TestApp(app.id(), app.key(), service.admin())
        .sender(
            Json.write(
                Map.of(
                    "provider",
                    "twilio",
                    "address",
                    TwilioSimulator.FROM,
                    "settings",
                    Map.of(
                        "account_sid",
                        TwilioSimulator.ACCOUNT,
                        "base_url",
                        twilio.url(),
                        "public_url",
                        PUBLIC),
                    "credentials",
                    Map.of("auth_token", TwilioSimulator.TOKEN))));
  }

  private static Map<String, String> arrival(String text) {
    return twilio.arrivals().stream()
        .filter(it -> text.equals(it.get("Body")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void anSmsIsSentAndItsReceiptsTellTheRest() {
    TestApp app = service.app();
    long sender = sender(app);
    long id =
        app.api()
            .message(
                app.id(),
                "{\"message_content\":\"your code\",\"recipient\":\"+1 555 867 5310\",\"ttl_seconds\":60}");
    JsonNode sent = app.api().await(app.id(), id, "sent");
    Map<String, String> arrival = arrival("your code");
    assertThat(Integer.parseInt(arrival.get("ValidityPeriod"))).isBetween(50, 60);
    String hook = PUBLIC + "/hooks/twilio/" + sender;
    assertThat(arrival.get("StatusCallback")).isEqualTo(hook + "#rc=5&rp=5xx,ct,rt");
    String here = app.api().url() + "/hooks/twilio/" + sender;
    String sid = sent.path("provider_message_id").asString();
    Map<String, String> delivered = TwilioSimulator.status(sid, "delivered", null);
    assertThat(TwilioSimulator.callBack(here, PUBLIC + "/hooks/twilio/1", delivered))
        .as("signed for another place")
        .isEqualTo(401);
    assertThat(TwilioSimulator.callBack(here, hook, delivered)).isEqualTo(200);
    app.api().await(app.id(), id, "delivered");
  }

  @Test
  void whatTheCarrierRefusesFailsWithItsReason() {
    TestApp app = service.app();
    long sender = sender(app);
    long id =
        app.api().message(app.id(), "{\"message_content\":\"bad\",\"recipient\":\"+15558675310\"}");
    String sid = app.api().await(app.id(), id, "sent").path("provider_message_id").asString();
    TwilioSimulator.callBack(
        app.api().url() + "/hooks/twilio/" + sender,
        PUBLIC + "/hooks/twilio/" + sender,
        TwilioSimulator.status(sid, "undelivered", "30006"));
    app.api().await(app.id(), id, "failed");
    assertThat(app.api().get(app.path() + "/" + id + "/explain").body()).contains("landline");
  }

  @Test
  void aPlanSaysWhatAnSmsWillTake() {
    TestApp app = service.app();
    sender(app);
    JsonNode planned =
        app.api()
            .post(
                app.path() + "/plan",
                """
                {"messages":[
                  {"message_content":"Ola","recipient":"+15558675310"},
                  {"message_content":"%s","recipient":"+15558675310"},
                  {"message_content":"Olá não ✓","recipient":"+15558675310"},
                  {"message_content":"%s","recipient":"+15558675310"}]}
                """
                    .formatted("x".repeat(161), "x".repeat(1601)))
            .data()
            .path("messages");
    assertThat(planned.get(0).path("sms").toString())
        .isEqualTo("{\"encoding\":\"GSM-7\",\"segments\":1,\"units\":3}");
    assertThat(planned.get(1).at("/sms/segments").asInt()).isEqualTo(2);
    assertThat(planned.get(2).at("/sms/encoding").asString()).isEqualTo("UCS-2");
    assertThat(planned.get(3).at("/errors/0/field").asString()).isEqualTo("message_content");
    assertThat(twilio.arrivals()).noneMatch(it -> it.getOrDefault("Body", "").startsWith("Ol"));
    TestApp other = service.sandboxApp();
    JsonNode none =
        other
            .api()
            .post(
                other.path() + "/plan",
                "{\"messages\":[{\"message_content\":\"x\",\"recipient\":\"+15551239999\"}]}")
            .data();
    assertThat(none.at("/messages/0/sms").isNull()).isTrue();
  }
}
