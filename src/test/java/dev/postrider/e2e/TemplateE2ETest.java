package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Templates: written, tried, published, sent from, rolled back. */
class TemplateE2ETest {
  private static RunningService service;

  @BeforeAll
  static void start() {
    service = RunningService.shared();
  }

  private static String draft(String text) {
    return """
    {"variables":{"name":{"required":true,"example":"Ana"},"order":{"type":"integer","example":4711}},
     "default_locale":"en",
     "variants":[{"locale":"en","text":"%s","subject":"Order {{order}}","html":"<p>{{name}}</p>"},
                 {"locale":"pt-BR","channel":"sandbox","text":"Oi {{name}}"}]}
    """
        .formatted(text);
  }

  private static String templates(TestApp app) {
    return "/api/applications/" + app.id() + "/templates";
  }

  private static TestApp withTemplate(String text) {
    TestApp app = service.sandboxApp();
    Api.Answer made =
        app.api()
            .post(templates(app), "{\"template_name\":\"shipped\",\"draft\":" + draft(text) + "}");
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    assertThat(made.data().path("draft_version").asInt()).isEqualTo(1);
    assertThat(made.data().path("published_version").isNull()).isTrue();
    return app;
  }

  private static JsonNode publish(TestApp app) {
    Api.Answer answer = app.api().post(templates(app) + "/shipped/publish", "{}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.data();
  }

  private static String message(String template) {
    return "{\"recipient\":\"+15551239999\",\"template\":" + template + "}";
  }

  private static JsonNode sent(TestApp app, String template) {
    long id = app.api().message(app.id(), message(template));
    return app.api().await(app.id(), id, "delivered");
  }

  /** A hundred kilobytes of mistakes are not answered by a hundred megabytes. */
  @Test
  void aBatchOfUnknownVariablesIsToldInAPageOrTwo() {
    TestApp app = withTemplate("Hi {{name}}");
    publish(app);
    StringBuilder variables = new StringBuilder("\"v0\":1");
    for (int i = 1; i < 200; i++) {
      variables.append(",\"v%d\":1".formatted(i));
    }
    String one = message("{\"name\":\"shipped\",\"variables\":{" + variables + "}}");
    String batch = "{\"messages\":[" + (one + ",").repeat(99) + one + "]}";
    for (String route : List.of("/batch", "/plan")) {
      Api.Answer answer = app.api().post(app.path() + route, batch);
      assertThat(answer.body().length()).as(route).isLessThan(500_000);
      assertThat(
              answer
                  .data()
                  .path(route.equals("/batch") ? "results" : "messages")
                  .valueStream()
                  .map(it -> it.path("errors").size()))
          .as(route)
          .hasSize(100)
          .allMatch(it -> it >= 1);
    }
  }

  @Test
  void aMessageKeepsTheVersionItWasRenderedFrom() {
    TestApp app = withTemplate("Hi {{name}}, order {{order}}");
    publish(app);
    String use = "{\"name\":\"shipped\",\"variables\":{\"name\":\"Bo <b>\",\"order\":7}}";
    JsonNode first = sent(app, use);
    assertThat(first.path("message_content").asString()).isEqualTo("Hi Bo <b>, order 7");
    assertThat(first.path("message_html").asString()).isEqualTo("<p>Bo &lt;b&gt;</p>");
    assertThat(first.path("subject").asString()).isEqualTo("Order 7");
    assertThat(first.at("/template/name").asString()).isEqualTo("shipped");
    assertThat(first.at("/template/version").asInt()).isEqualTo(1);
    assertThat(first.at("/template/locale").asString()).isEqualTo("en");
    Api.Answer saved = app.api().put(templates(app) + "/shipped/draft", draft("Hello {{name}}"));
    assertThat(saved.data().path("version").asInt()).isEqualTo(2);
    assertThat(sent(app, use).at("/template/version").asInt())
        .as("a draft changes nothing")
        .isEqualTo(1);
    assertThat(publish(app).path("published_version").asInt()).isEqualTo(2);
    assertThat(sent(app, use).path("message_content").asString()).isEqualTo("Hello Bo <b>");
    JsonNode back = app.api().post(templates(app) + "/shipped/rollback", "{}").data();
    assertThat(back.path("published_version").asInt()).isEqualTo(1);
    assertThat(sent(app, use).path("message_content").asString()).isEqualTo("Hi Bo <b>, order 7");
    JsonNode versions = app.api().get(templates(app) + "/shipped/versions").data().path("items");
    assertThat(versions.valueStream().map(it -> it.path("state").asString()))
        .containsExactly("retired", "published");
    // Not to the second, which was rolled back itself.
    app.api().put(templates(app) + "/shipped/draft", draft("Servus {{name}}"));
    assertThat(publish(app).path("published_version").asInt()).isEqualTo(3);
    back = app.api().post(templates(app) + "/shipped/rollback", "{}").data();
    assertThat(back.path("published_version").asInt()).isEqualTo(1);
  }

  @Test
  void aDraftIsPreviewedAndSentAsATest() {
    TestApp app = withTemplate("Hi {{name}}, order {{order}}");
    JsonNode preview = app.api().post(templates(app) + "/shipped/preview", "{}").data();
    assertThat(preview.path("text").asString()).isEqualTo("Hi Ana, order 4711");
    JsonNode own =
        app.api()
            .post(
                templates(app) + "/shipped/preview",
                "{\"locale\":\"pt-BR\",\"channel\":\"sandbox\",\"variables\":{\"name\":\"Bia\"}}")
            .data();
    assertThat(own.path("text").asString()).isEqualTo("Oi Bia");
    Api.Answer unpublished =
        app.api().post(app.path(), message("{\"name\":\"shipped\",\"sample\":true}"));
    assertThat(unpublished.status()).isEqualTo(422);
    assertThat(unpublished.json().at("/errors/0/field").asString()).isEqualTo("template.name");
    JsonNode test = sent(app, "{\"name\":\"shipped\",\"version\":1,\"sample\":true}");
    assertThat(test.path("message_content").asString()).isEqualTo("Hi Ana, order 4711");
  }

  /** A thousand mails of 12,000 characters; six such requests at once ended a node. */
  @Test
  void aRequestMakesOnlySoMuchOfThem() {
    TestApp app = service.app();
    app.sender(
        "{\"provider\":\"smtp\",\"address\":\"shop@example.com\",\"is_default\":true,"
            + "\"settings\":{\"host\":\"mail.example.com\"}}");
    String text = "{{#rows}}" + "x".repeat(400) + "{{/rows}}";
    Api.Answer made =
        app.api()
            .post(
                templates(app),
                "{\"template_name\":\"shipped\",\"draft\":{\"variables\":{\"rows\":{\"type\":\"list\"}},"
                    + "\"default_locale\":\"en\",\"variants\":[{\"locale\":\"en\",\"text\":\""
                    + text
                    + "\"}]}}");
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    publish(app);
    String mail =
        "{\"recipient\":\"a@example.com\",\"scheduled_for\":\""
            + Instant.now().plus(Duration.ofDays(1))
            + "\",\"template\":{\"name\":\"shipped\",\"variables\":{\"rows\":["
            + "\"x\",".repeat(29)
            + "\"x\"]}}}";
    String batch = "{\"messages\":[" + (mail + ",").repeat(999) + mail + "]}";
    JsonNode planned = app.api().post(app.path() + "/plan", batch).data();
    assertThat(planned.path("accepted").asInt()).isEqualTo(8 * 1024 * 1024 / 12_000);
    JsonNode results = app.api().post(app.path() + "/batch", batch).data();
    assertThat(results.path("accepted").asInt()).isEqualTo(8 * 1024 * 1024 / 12_000);
    JsonNode refused = results.path("results").path(999);
    assertThat(refused.path("code").asString()).isEqualTo("validation_failed");
    assertThat(refused.at("/errors/0/field").asString()).isEqualTo("template");
    assertThat(refused.at("/errors/0/detail").asString()).contains("send it in another request");
  }

  @Test
  void batchesPlansAndSchedulesUseThemToo() {
    TestApp app = withTemplate("Hi {{name}}");
    publish(app);
    String good =
        message("{\"name\":\"shipped\",\"locale\":\"pt-BR\",\"variables\":{\"name\":\"Bia\"}}");
    String bad = message("{\"name\":\"shipped\",\"variables\":{\"nmae\":\"Bia\"}}");
    String both = "{\"messages\":[" + good + "," + bad + "]}";
    JsonNode batch = app.api().post(app.path() + "/batch", both).data();
    assertThat(batch.path("accepted").asInt()).isEqualTo(1);
    assertThat(batch.at("/results/1/errors/0/field").asString())
        .isEqualTo("template.variables.nmae");
    JsonNode plan = app.api().post(app.path() + "/plan", both).data();
    assertThat(plan.at("/messages/0/text").asString()).isEqualTo("Oi Bia");
    assertThat(plan.at("/messages/0/template/locale").asString()).isEqualTo("pt-BR");
    assertThat(plan.at("/messages/1/accepted").asBoolean()).isFalse();
    Api.Answer schedule =
        app.api()
            .post(
                "/api/schedules/" + app.id(),
                "{\"schedule_name\":\"daily\",\"cron\":\"@daily\",\"time_zone\":\"UTC\",\"message\":"
                    + bad
                    + "}");
    assertThat(schedule.status()).isEqualTo(422);
    assertThat(schedule.json().at("/errors/0/field").asString())
        .isEqualTo("message.template.variables.nmae");
  }

  @Test
  void wordsComeFromOnePlace() {
    TestApp app = withTemplate("Hi {{name}}");
    publish(app);
    Api.Answer both =
        app.api()
            .post(
                app.path(),
                "{\"recipient\":\"+15551239999\",\"message_content\":\"x\",\"template\":"
                    + "{\"name\":\"shipped\",\"variables\":{\"name\":\"Bo\"}}}");
    assertThat(both.status()).isEqualTo(422);
    assertThat(both.json().at("/errors/0/field").asString()).isEqualTo("template");
    assertThat(
            app.api()
                .post(
                    templates(app), "{\"template_name\":\"shipped\",\"draft\":" + draft("x") + "}")
                .status())
        .isEqualTo(409);
    assertThat(app.api().post(templates(app) + "/shipped/publish", "{}").status())
        .as("no draft")
        .isEqualTo(409);
    assertThat(app.api().post(templates(app) + "/shipped/rollback", "{}").status())
        .as("nothing before it")
        .isEqualTo(409);
    TestApp stranger = service.sandboxApp();
    assertThat(stranger.api().get(templates(app) + "/shipped").status()).isEqualTo(404);
    assertThat(stranger.api().get(templates(stranger) + "/shipped").status()).isEqualTo(404);
  }

  @Test
  void aDeletedTemplateIsGoneAndItsMessagesKeepTheirWords() {
    TestApp app = withTemplate("Hi {{name}}");
    publish(app);
    String use = "{\"name\":\"shipped\",\"variables\":{\"name\":\"Bo\"}}";
    long id = sent(app, use).path("message_id").asLong();
    assertThat(app.api().delete(templates(app) + "/shipped").status()).isEqualTo(200);
    assertThat(app.api().post(app.path(), message(use)).status()).isEqualTo(422);
    JsonNode kept = app.api().show(app.id(), id);
    assertThat(kept.path("message_content").asString()).isEqualTo("Hi Bo");
    assertThat(kept.at("/template/name").asString()).isEqualTo("shipped");
    Eventually.value(() -> app.api().get(templates(app)).data().path("items"), JsonNode::isEmpty);
  }
}
