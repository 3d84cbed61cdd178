package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What would become of messages, told before they are sent. */
class PlanE2ETest {
  private final RunningService service = RunningService.shared();
  private final TestApp app = service.app();
  private final long sender = app.sender("{\"provider\":\"sandbox\"}");

  private JsonNode plan(String messages) {
    Api.Answer answer = app.api().post(app.path() + "/plan", "{\"messages\":[" + messages + "]}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.data();
  }

  private static String message(String recipient, String more) {
    return "{\"message_content\":\"Hello\",\"recipient\":\"" + recipient + "\"" + more + "}";
  }

  private void policy(String path, String policy) {
    Api.Answer answer =
        service.admin().put("/api/applications/" + app.id() + path + "/policy", policy);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  @Test
  void tellsWhoWouldGetWhatAndWhatWouldBeRefused() {
    JsonNode plan =
        plan(message("+1 (555) 123-0000", "") + "," + message("nobody", "") + ",{\"bogus\":1},7");
    assertThat(plan.path("accepted").asInt()).isEqualTo(1);
    assertThat(plan.path("refused").asInt()).isEqualTo(3);
    JsonNode first = plan.path("messages").get(0);
    assertThat(first.path("recipient").asString()).isEqualTo("+15551230000");
    assertThat(first.path("sender_id").asLong()).isEqualTo(sender);
    assertThat(first.path("provider").asString()).isEqualTo("sandbox");
    assertThat(first.path("text").asString()).isEqualTo("Hello");
    assertThat(plan.path("messages").get(1).path("errors").get(0).path("field").asString())
        .isEqualTo("recipient");
    assertThat(app.api().get(app.path()).data().path("items")).as("nothing was stored").isEmpty();
  }

  @Test
  void tellsAboutWhenTheLastWouldLeave() {
    policy("/senders/" + sender, "{\"pacing\":{\"per_second\":2}}");
    String many =
        IntStream.range(0, 21)
            .mapToObj(i -> message("+155512340%02d".formatted(i), ""))
            .collect(Collectors.joining(","));
    Instant last = Instant.parse(plan(many).path("last_leaves_at").asString());
    assertThat(Duration.between(Instant.now(), last))
        .isBetween(Duration.ofMillis(8500), Duration.ofMillis(10_500));
  }

  /** What a campaign at six o'clock is planned for: its last leaves when the pace lets it. */
  @Test
  void keepsThePaceOfWhatIsDueLater() {
    policy("/senders/" + sender, "{\"pacing\":{\"per_second\":2}}");
    Instant at = Instant.now().plusSeconds(3600);
    String many =
        IntStream.range(0, 21)
            .mapToObj(
                i -> message("+155512340%02d".formatted(i), ",\"scheduled_for\":\"" + at + "\""))
            .collect(Collectors.joining(","));
    JsonNode plan = plan(many + "," + message("+15551234099", ""));
    assertThat(Duration.between(at, Instant.parse(plan.path("last_leaves_at").asString())))
        .isBetween(Duration.ofMillis(9500), Duration.ofMillis(10_500));
    JsonNode now = plan.path("messages").get(21);
    assertThat(Instant.parse(now.path("leaves_at").asString()))
        .as("before those that were planned before it")
        .isBefore(at);
  }

  /** A line that begins in the evening ends in the morning. */
  @Test
  void aPlaceInQuietHoursIsAfterThem() {
    policy("/senders/" + sender, "{\"pacing\":{\"per_minute\":1}}");
    Instant start = Instant.now().plus(Duration.ofMinutes(11)).truncatedTo(ChronoUnit.MINUTES);
    Instant end = start.plus(Duration.ofHours(1));
    policy(
        "",
        "{\"quiet_hours\":{\"start\":\"%s\",\"end\":\"%s\",\"time_zone\":\"UTC\"}}"
            .formatted(start.toString().substring(11, 16), end.toString().substring(11, 16)));
    String many =
        IntStream.range(0, 21)
            .mapToObj(i -> message("+155512340%02d".formatted(i), ""))
            .collect(Collectors.joining(","));
    JsonNode plan = plan(many + "," + message("+15551234098", ",\"message_class\":\"otp\""));
    assertThat(Instant.parse(plan.path("last_leaves_at").asString()))
        .isBetween(end.plus(Duration.ofMinutes(5)), end.plus(Duration.ofMinutes(15)));
    assertThat(Instant.parse(plan.path("messages").get(21).path("leaves_at").asString()))
        .as("a code does not wait for the morning")
        .isBefore(end);
    assertThat(plan.path("messages").get(20).path("holds").toString()).contains("quiet_hours");
    assertThat(plan.path("messages").get(5).path("holds").toString()).doesNotContain("quiet_hours");
  }

  @Test
  void keepsThePaceBehindACircuitThatIsOpen() {
    policy("/senders/" + sender, "{\"pacing\":{\"per_second\":2}}");
    service
        .database()
        .jdbc()
        .sql(
            """
            insert into circuits (sender_id, node, state, since, until, code, openings, seen_at)
            values (?, gen_random_uuid(), 'open', now(), now() + interval '60 s', 'busy', 1, now())
            """)
        .param(sender)
        .update();
    Instant now = Instant.now();
    String many =
        IntStream.range(0, 21)
            .mapToObj(i -> message("+155512340%02d".formatted(i), ""))
            .collect(Collectors.joining(","));
    JsonNode plan = plan(many);
    assertThat(Duration.between(now, Instant.parse(plan.path("last_leaves_at").asString())))
        .isBetween(Duration.ofSeconds(68), Duration.ofSeconds(71));
    assertThat(plan.at("/messages/0/holds").toString())
        .contains("circuit_open")
        .doesNotContain("paced");
    assertThat(plan.at("/messages/20/holds").toString()).contains("circuit_open", "paced");
  }

  @Test
  void tellsWhatWouldHoldAMessageBack() {
    Instant at = Instant.now().plusSeconds(3600);
    JsonNode scheduled = plan(message("+15551230000", ",\"scheduled_for\":\"" + at + "\""));
    assertThat(Instant.parse(scheduled.path("last_leaves_at").asString()))
        .isBetween(at.minusMillis(1), at.plusMillis(1));
    app.api().post("/api/applications/" + app.id() + "/pause", "{}");
    JsonNode paused = plan(message("+15551230000", ""));
    assertThat(paused.path("last_leaves_at").isNull()).isTrue();
    assertThat(paused.at("/messages/0/holds/0/reason").asString()).isEqualTo("paused");
  }

  @Test
  void tellsWhatTheLimitsWouldSay() {
    policy("", "{\"limits\":{\"messages\":[{\"limit\":2,\"window_seconds\":3600}]}}");
    String one = message("+15551230000", "");
    assertThat(plan(one).path("retry_after_seconds").asInt()).isZero();
    app.api().message(app.id(), one);
    app.api().message(app.id(), one);
    assertThat(plan(one).path("retry_after_seconds").asInt()).isBetween(1, 1801);
    assertThat(plan(one + "," + one + "," + one).path("limited").asString()).contains("is 2");
  }

  @Test
  void needsMessages() {
    Api.Answer answer = app.api().post(app.path() + "/plan", "{}");
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.fields()).containsExactly("messages");
  }
}
