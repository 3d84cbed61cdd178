package dev.postrider.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.HttpStub;
import dev.postrider.simulator.WahaSimulator;
import dev.postrider.testing.Api;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** F5: text that would like to be a log line, from callers and from a provider. */
@Tag("fault")
class F5ForgedLogLinesExperiment {
  private static final String MARK = "forged-marker";
  private static final List<String> BREAKS =
      List.of("\\r\\n", "\\n", "\\u0085", "\\u2028", "\\u2029", "\\u001b[2K\\r", "\\u000b");

  @Test
  void startsNoLineOfItsOwn() {
    try (Campaign run = Campaign.start("F5", Setup.quick(1));
        HttpStub liar = new HttpStub(_ -> lie())) {
      Tenant shop = run.tenant("shop");
      Api api = run.node(0).api().as(shop.key());
      String forged = "{\\\"@timestamp\\\":\\\"" + MARK + "\\\"}";
      for (String line : BREAKS) {
        String text = "x" + line + forged;
        api.post(
            shop.messages(),
            "{\"message_content\":\"" + text + "\",\"recipient\":\"+4915123100000\"}");
        api.post(shop.messages(), "{\"message_content\":\"x\",\"recipient\":\"" + text + "\"}");
        api.post(shop.messages(), "{\"" + text + "\":1}");
        api.get(shop.messages() + "?status=x%0A" + MARK);
        api.post(shop.messages(), "{}", Map.of("X-Correlation-ID", "x" + MARK + " {}"));
        String body = WahaSimulator.ack(shop.session(), "x" + line + MARK, 2);
        run.reports().send(shop, "x", 2, body, "00", false);
      }
      // A provider whose errors are log lines.
      Api admin = run.node(0).api();
      long sender =
          admin
              .post(
                  "/api/applications/" + shop.app() + "/senders",
                  "{\"provider\":\"waha\",\"name\":\"liar\",\"settings\":{\"base_url\":\""
                      + liar.url()
                      + "\"},\"credentials\":{\"api_key\":\"x\"}}")
              .data()
              .path("sender_id")
              .asLong();
      // What a caller may choose of a line: the mark is in the log, and breaks nothing there.
      long message =
          api.post(
                  shop.messages(),
                  "{\"message_content\":\"x\",\"recipient\":\"+4915123100000\",\"sender_id\":"
                      + sender
                      + "}",
                  Map.of("X-Correlation-ID", MARK))
              .data()
              .path("message_id")
              .asLong();
      Campaign.until(
          () -> api.show(shop.app(), message).path("status").asString().equals("failed"),
          java.time.Duration.ofSeconds(10));
      assertThat(Checker.read(run.node(0).log())).as("what they wrote is logged").contains(MARK);
      assertThat(Checker.read(run.node(0).log()).lines().filter(it -> !it.isBlank()))
          .allMatch(it -> it.startsWith("{\"@timestamp\":\"2"));
      run.verdict(EnumSet.of(Invariant.LOGS_ARE_CLEAN)).holds();
    }
  }

  private static HttpStub.Answer lie() {
    return HttpStub.json(
        400, "{\"message\":\"no\\r\\n{\\\"@timestamp\\\":\\\"" + MARK + "\\\"}\\u2028\"}");
  }
}
