package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.Apps;
import dev.postrider.app.SenderId;
import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A sender that sends only so fast: everything gets through, nothing too soon. */
class PacingE2ETest {
  private final RunningService service = RunningService.shared();
  private final TestApp app = service.app();
  private final long sender = app.sender("{\"provider\":\"sandbox\"}");

  private Api.Answer policy(String pacing) {
    return app.api()
        .put(
            "/api/applications/" + app.id() + "/senders/" + sender + "/policy",
            "{\"pacing\":" + pacing + "}");
  }

  /** When each message was handed off, in order. */
  private List<Instant> sent(int count) {
    return Eventually.value(
            () ->
                app.api()
                    .get(app.path() + "?limit=200")
                    .data()
                    .path("items")
                    .valueStream()
                    .map(it -> it.path("sent_at"))
                    .filter(at -> !at.isNull())
                    .toList(),
            it -> it.size() == count)
        .stream()
        .map(at -> Instant.parse(at.asString()))
        .sorted()
        .toList();
  }

  private static String message(int i, String priority) {
    return "{\"message_content\":\"x\",\"recipient\":\"+155512340%02d\",\"priority\":\"%s\"}"
        .formatted(i, priority);
  }

  /** As in a rolling upgrade: all senders' paces are read together, for each claim. */
  @Test
  void aPolicyOfANewerVersionIsReadAsFarAsItIsKnown() {
    write("{\"pacing\":{\"per_second\":5,\"newer\":1},\"newer\":{\"x\":[2]}}");
    try {
      Api.Answer shown =
          app.api().get("/api/applications/" + app.id() + "/senders/" + sender + "/policy");
      assertThat(shown.data().at("/pacing/per_second").asInt()).isEqualTo(5);
      Eventually.value(
          () -> service.bean(Apps.class).pacedSenders(),
          it -> it.containsKey(new SenderId(sender)));
    } finally {
      write("{}");
    }
  }

  /** As another node does. */
  private void write(String policy) {
    service
        .database()
        .jdbc()
        .sql("update senders set policy = :policy where sender_id = :id")
        .param("policy", policy)
        .param("id", sender)
        .update();
  }

  /** Batches and high priority alike. */
  @Test
  void sendsEvenlyWhateverWaits() {
    assertThat(policy("{\"per_second\":10}").status()).isEqualTo(200);
    String batch =
        IntStream.range(30, 50).mapToObj(i -> message(i, "low")).collect(Collectors.joining(","));
    Instant start = Instant.now();
    app.api().post(app.path() + "/batch", "{\"messages\":[" + batch + "]}");
    for (int i = 50; i < 60; i++) {
      app.api().message(app.id(), message(i, "urgent"));
    }
    long last = app.api().message(app.id(), message(60, "low"));
    assertThat(app.api().get(app.path() + "/" + last + "/explain").data().path("reason").asString())
        .isEqualTo("paced");
    List<Instant> sent = sent(31);
    assertThat(Duration.between(start, sent.getLast())).isGreaterThan(Duration.ofMillis(2900));
    // A machine that stands still makes some late, and them come together; none is early.
    for (int i = 0; i < sent.size(); i++) {
      assertThat(Duration.between(start, sent.get(i)))
          .as("the %s. in order", i)
          .isGreaterThan(Duration.ofMillis(100L * i - 200));
    }
  }

  /** Whoever waits for it, to try another way, is not told when its turn would have come. */
  @Test
  void aDeadlineThatPassesBehindAPaceEndsTheMessageThen() {
    assertThat(policy("{\"per_hour\":1}").status()).isEqualTo(200);
    app.api().await(app.id(), app.api().message(app.id(), message(1, "normal")), "delivered");
    long late =
        app.api()
            .message(
                app.id(),
                "{\"message_content\":\"x\",\"recipient\":\"+15551230000\",\"ttl_seconds\":1}");
    app.api().await(app.id(), late, "expired");
    assertThat(
            app.api().get(app.path() + "/" + late + "/explain").data().path("because").asString())
        .contains("its turn would have come later");
  }

  /** It waits in its order behind one whose time is far, and would be due when that is. */
  @Test
  void aDeadlineThatPassesBehindAnotherMessageToItsRecipientEndsTheMessage() {
    assertThat(policy("{\"per_recipient_seconds\":3600}").status()).isEqualTo(200);
    app.api().await(app.id(), app.api().message(app.id(), message(1, "normal")), "delivered");
    long first = app.api().message(app.id(), message(1, "normal"));
    Eventually.value(
        () -> app.api().get(app.path() + "/" + first + "/explain").data(),
        it -> it.path("reason").asString().equals("recipient_pacing"));
    long late =
        app.api()
            .message(
                app.id(),
                "{\"message_content\":\"x\",\"recipient\":\"+15551234001\",\"ttl_seconds\":2}");
    app.api().await(app.id(), late, "expired");
  }

  @Test
  void leavesTimeBetweenMessagesToOneRecipientOnly() {
    assertThat(policy("{\"per_recipient_seconds\":2}").status()).isEqualTo(200);
    long first = app.api().message(app.id(), message(1, "normal"));
    app.api().await(app.id(), first, "delivered");
    long second = app.api().message(app.id(), message(1, "normal"));
    long other = app.api().message(app.id(), message(2, "normal"));
    app.api().await(app.id(), other, "delivered");
    Eventually.value(
        () -> app.api().get(app.path() + "/" + second + "/explain").data(),
        it -> it.path("reason").asString().equals("recipient_pacing"));
    app.api().await(app.id(), second, "delivered");
    Instant one = Instant.parse(app.api().show(app.id(), first).path("sent_at").asString());
    Instant two = Instant.parse(app.api().show(app.id(), second).path("sent_at").asString());
    assertThat(Duration.between(one, two)).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
  }

  /** A burst, claimed together: the second must know of the first. */
  @Test
  void leavesTimeWithinABurst() {
    assertThat(policy("{\"per_recipient_seconds\":1}").status()).isEqualTo(200);
    app.api()
        .post(
            app.path() + "/batch",
            "{\"messages\":["
                + message(1, "normal")
                + ","
                + message(1, "normal")
                + ","
                + message(1, "normal")
                + "]}");
    List<Instant> sent = sent(3);
    for (int i = 1; i < 3; i++) {
      assertThat(Duration.between(sent.get(i - 1), sent.get(i)))
          .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"per_second\":0}|pacing.per_second",
        "{\"per_minute\":-1}|pacing.per_minute",
        "{\"jitter_milliseconds\":9999999}|pacing.jitter_milliseconds",
        "{\"warm_up\":{\"start_per_day\":20,\"days\":14}}|pacing.warm_up",
        "{\"per_hour\":60,\"warm_up\":{\"start_per_day\":0}}|pacing.warm_up.start_per_day"
      })
  void refusesAPaceThatMakesNoSense(String pacing, String field) {
    Api.Answer answer = policy(pacing);
    assertThat(answer.status()).as(answer.body()).isEqualTo(422);
    assertThat(answer.fields()).contains(field);
  }
}
