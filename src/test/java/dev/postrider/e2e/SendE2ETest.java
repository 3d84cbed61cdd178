package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A message's whole way, as a caller sees it. */
class SendE2ETest {
  private final RunningService service = RunningService.shared();
  private final TestApp app = service.sandboxApp();

  @Test
  void deliversAMessageAndTellsItsStory() {
    Api.Answer accepted =
        app.api()
            .post(
                app.path(),
                """
                {"message_content":"Hello","recipient":"+15551230000","metadata":{"order":7}}\
                """);
    assertThat(accepted.status()).isEqualTo(201);
    assertThat(accepted.json().path("message").asString())
        .isEqualTo("Message created successfully");
    assertThat(accepted.data().path("status").asString()).isEqualTo("pending");
    long id = accepted.data().path("message_id").asLong();
    assertThat(accepted.header("Location")).isEqualTo(app.path() + "/" + id);

    JsonNode message = app.api().await(app.id(), id, "delivered");
    assertThat(message.path("attempts").asInt()).isEqualTo(1);
    assertThat(message.path("provider_message_id").asString()).startsWith("sandbox-");
    assertThat(message.path("metadata").path("order").asInt()).isEqualTo(7);
    assertThat(message.path("last_error").isNull()).isTrue();

    JsonNode arrivals =
        app.api().get("/api/sandbox/" + app.id() + "/messages?recipient=%2B15551230000").data();
    assertThat(arrivals.path("items").get(0).path("text").asString()).isEqualTo("Hello");

    assertThat(events(id)).containsExactly("accepted", "sent", "receipt.delivered");
    JsonNode metrics = app.api().get(app.path() + "/" + id + "/metrics").data();
    assertThat(metrics.path("processing_time_ms").asLong()).isBetween(0L, 10_000L);
    JsonNode attempts = app.api().get(app.path() + "/" + id + "/attempts").data().path("items");
    assertThat(attempts).hasSize(1);
    assertThat(attempts.get(0).path("outcome").asString()).isEqualTo("accepted");
    JsonNode explained = app.api().get(app.path() + "/" + id + "/explain").data();
    assertThat(explained.path("reason").asString()).isEqualTo("delivered");
    assertThat(explained.path("because").asString()).startsWith("It reached the recipient");
  }

  private List<String> events(long id) {
    return app.api()
        .get(app.path() + "/" + id + "/logs")
        .data()
        .path("items")
        .valueStream()
        .map(it -> it.path("event").asString())
        .toList();
  }

  @Test
  void servesTheBriefsMinimalRequest() {
    service
        .admin()
        .patch("/api/applications/" + app.id(), "{\"default_recipient\":\"+15551230001000\"}");
    service
        .admin()
        .patch("/api/applications/" + app.id(), "{\"default_recipient\":\"+15551231000\"}");
    long id = app.api().message(app.id(), "{\"message_content\":\"Your message here\"}");
    assertThat(app.api().await(app.id(), id, "delivered").path("recipient").asString())
        .isEqualTo("+15551231000");
  }

  @Test
  void takesTheBriefsFieldNames() {
    long sender =
        app.api()
            .get("/api/applications/" + app.id() + "/phone-numbers")
            .data()
            .path("items")
            .get(0)
            .path("sender_id")
            .asLong();
    long id =
        app.api()
            .message(
                app.id(),
                "{\"message_content\":\"x\",\"recipient_phone_number\":\"+1 (555) 123-2000\","
                    + "\"sender_phone_number_id\":"
                    + sender
                    + "}");
    assertThat(app.api().show(app.id(), id).path("recipient").asString()).isEqualTo("+15551232000");
  }

  @Test
  void carriesTheCorrelationIdFromEndToEnd() {
    Api.Answer accepted =
        app.api()
            .post(
                app.path(),
                "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}",
                Map.of("X-Correlation-ID", "order-4711"));
    assertThat(accepted.header("X-Correlation-ID")).isEqualTo("order-4711");
    JsonNode found = app.api().get(app.path() + "?correlation_id=order-4711").data().path("items");
    assertThat(found).hasSize(1);
    assertThat(found.get(0).path("correlation_id").asString()).isEqualTo("order-4711");

    Api.Answer madeUp =
        app.api()
            .post(
                app.path(),
                "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}",
                Map.of("X-Correlation-ID", "not allowed: spaces"));
    assertThat(madeUp.header("X-Correlation-ID")).matches("[0-9a-f-]{36}");
  }

  @Test
  void answersWithTheTraceItWasGiven() {
    String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assertThat(app.api().post(app.path(), "{}", Map.of("traceparent", trace)).header("traceparent"))
        .isEqualTo(trace);
    String none = trace.replace("00f067aa0ba902b7", "0".repeat(16));
    assertThat(app.api().post(app.path(), "{}", Map.of("traceparent", none)).header("traceparent"))
        .isEmpty();
  }

  @Test
  void answersABatchItemByItemInOrder() {
    Api.Answer answer =
        app.api()
            .post(
                app.path() + "/batch",
                """
                {"messages":[
                  {"message_content":"one","recipient":"+15551233001"},
                  {"message_content":"","recipient":"+15551233002"},
                  {"message_content":"three","recipient":"+15551233003","colour":"red"},
                  {"message_content":"four","recipient":"+15551233004"},
                  null]}\
                """);
    assertThat(answer.status()).isEqualTo(201);
    JsonNode results = answer.data().path("results");
    assertThat(results.valueStream().map(it -> it.path("success").asBoolean()))
        .containsExactly(true, false, false, true, false);
    assertThat(results.get(1).path("errors").get(0).path("field").asString())
        .isEqualTo("message_content");
    assertThat(results.get(2).path("errors").get(0).path("field").asString()).isEqualTo("colour");
    app.api().await(app.id(), results.get(0).path("message_id").asLong(), "delivered");
    app.api().await(app.id(), results.get(3).path("message_id").asLong(), "delivered");
  }

  @Test
  void deliversABatchThatIsLargerThanTheDispatcher() {
    TestApp big = service.sandboxApp();
    StringBuilder batch = new StringBuilder("{\"messages\":[");
    for (int i = 0; i < 1000; i++) {
      batch
          .append(i == 0 ? "" : ",")
          .append("{\"message_content\":\"x\",\"recipient\":\"+1555124%04d\"}".formatted(2000 + i));
    }
    Api.Answer answer = big.api().post(big.path() + "/batch", batch.append("]}").toString());
    assertThat(answer.data().path("accepted").asInt()).isEqualTo(1000);
    JsonNode counts =
        dev.postrider.testing.Eventually.within(
            java.time.Duration.ofSeconds(30),
            () -> big.api().get("/api/metrics/" + big.id()).data().path("total").path("counts"),
            it -> it.path("delivered").asInt() == 1000);
    assertThat(counts.path("accepted").asInt()).isEqualTo(1000);
    assertThat(counts.path("sent").asInt()).isEqualTo(1000);
  }

  @Test
  void metadataComesBackWithAllItsDigits() {
    String numbers =
        "{\"long\":12345678901234567.89,\"fine\":0.1234567890123456789,\"kept\":10.00,"
            + "\"whole\":12345678901234567890,\"least\":1E-400}";
    long id =
        app.api()
            .message(
                app.id(),
                "{\"message_content\":\"x\",\"recipient\":\"+15551230000\",\"metadata\":"
                    + numbers
                    + "}");
    assertThat(app.api().get(app.path() + "/" + id).body()).contains("\"metadata\":" + numbers);
  }

  @Test
  void pagesThroughMessagesNewestFirst() {
    for (int i = 0; i < 5; i++) {
      app.api().message(app.id(), "{\"message_content\":\"x\",\"recipient\":\"+15551234000\"}");
    }
    String filter = app.path() + "?recipient=%2B15551234000&limit=2";
    JsonNode first = app.api().get(filter).data();
    JsonNode second =
        app.api().get(filter + "&cursor=" + first.path("next_cursor").asString()).data();
    JsonNode third =
        app.api().get(filter + "&cursor=" + second.path("next_cursor").asString()).data();
    assertThat(first.path("items")).hasSize(2);
    assertThat(third.path("items")).hasSize(1);
    assertThat(third.path("next_cursor").isNull()).isTrue();
    assertThat(first.path("items").get(0).path("message_id").asLong())
        .isGreaterThan(second.path("items").get(0).path("message_id").asLong());
  }

  @Test
  void countsByHourAndByDay() {
    long id =
        app.api().message(app.id(), "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}");
    app.api().await(app.id(), id, "delivered");
    for (String by : List.of("hour", "day")) {
      JsonNode report = app.api().get("/api/metrics/" + app.id() + "?by=" + by).data();
      assertThat(report.path("periods")).isNotEmpty();
      assertThat(report.path("total").path("accepted_to_sent_ms").path("p99").asDouble())
          .isPositive();
    }
    // Of the hour that is under way: the hours of both ends count as a whole.
    Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
    JsonNode within =
        app.api()
            .get(
                "/api/metrics/%d?from=%s&to=%s"
                    .formatted(app.id(), hour.plusSeconds(60), hour.plusSeconds(3540)))
            .data();
    assertThat(within.path("from").asString()).isEqualTo(hour.toString());
    assertThat(within.path("to").asString()).isEqualTo(hour.plusSeconds(3600).toString());
  }

  /** What was sent stays sent, by whomever. */
  @Test
  void countsByProviderAndTheDeletedSenders() {
    TestApp brief = service.sandboxApp();
    long id =
        brief
            .api()
            .message(brief.id(), "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}");
    long sender = brief.api().await(brief.id(), id, "delivered").path("sender_id").asLong();
    brief.api().delete("/api/applications/" + brief.id() + "/senders/" + sender);

    JsonNode report = brief.api().get("/api/metrics/" + brief.id()).data();
    assertThat(report.path("senders").get(0).path("sender_id").asLong()).isEqualTo(sender);
    for (String by : List.of("providers", "senders")) {
      assertThat(report.path(by)).as(by).hasSize(1);
      JsonNode only = report.path(by).get(0);
      assertThat(only.path("provider").asString()).isEqualTo("sandbox");
      assertThat(only.path("figures").path("counts").path("delivered").asInt()).isEqualTo(1);
    }
  }

  /** A sender for each campaign, say: a report of them all would fill a node's memory. */
  @Test
  void namesAThousandSendersAndCountsAll() {
    TestApp old = service.sandboxApp();
    JsonNode there =
        old.api().get("/api/applications/" + old.id() + "/senders").data().at("/items/0");
    service
        .database()
        .jdbc()
        .sql(
            """
            with gone as (
              insert into senders (app_id, provider, settings, trusted, deleted_at)
              select :app, case when n % 2 = 0 then 'waha' else 'sandbox' end, '{}', false, now()
                from generate_series(1, 1500) as n
              returning sender_id
            )
            insert into hourly_counts (app_id, hour, sender_id, status, bucket, count)
            select :app, date_trunc('hour', now()), sender_id, 'sent', 3, 2
              from (select sender_id from gone union all select :there) as senders
            """)
        .param("app", old.id())
        .param("there", there.path("sender_id").asLong())
        .update();
    JsonNode report = old.api().get("/api/metrics/" + old.id()).data();
    assertThat(report.at("/total/counts/sent").asInt()).isEqualTo(3002);
    assertThat(report.path("senders")).hasSize(1000);
    assertThat(report.path("senders").valueStream().map(it -> it.path("sender_id")))
        .as("the one that is there")
        .contains(there.path("sender_id"));
    assertThat(
            report
                .path("providers")
                .valueStream()
                .mapToInt(it -> it.at("/figures/counts/sent").asInt()))
        .containsExactly(1502, 1500);
  }
}
