package dev.postrider.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.testing.Api;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * G3: every route of the OpenAPI document that takes an id, asked with another application's: the
 * same bytes as for an id that does not exist, and nothing happens.
 */
@Tag("fault")
class G3ForeignIdsExperiment {
  private static final long NOBODY = 4_000_000_000_000L;

  /** Where a number of that size would be no id at all. */
  private static final Map<String, String> NOBODYS =
      Map.of("{campaignId}", "nobodys", "{templateName}", "nobodys", "{version}", "99");

  @Test
  void lookLikeIdsThatDoNotExist() {
    try (Campaign run = Campaign.start("G3", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      Tenant thief = run.tenant("thief");
      run.callers().all(run.ops(shop, 2));
      run.quiesce();
      long message =
          run.sql().sql("select max(message_id) from messages").query(Long.class).single();
      Map<String, String> ids = ids(run.node(0).api().as(shop.key()), shop, message);
      Api api = run.node(0).api().as(thief.key());
      JsonNode paths = run.node(0).api().get("/openapi.json").json().path("paths");
      List<String> asked = new ArrayList<>();
      String before = state(run, shop);
      paths
          .properties()
          .forEach(path ->
              path.getValue()
                  .properties()
                  .forEach(operation -> {
                    boolean takesIds = path.getKey().contains("{appId}");
                    if (takesIds) {
                      String method = operation.getKey().toUpperCase(java.util.Locale.ROOT);
                      // Another application's everything; the thief's own application with the
                      // shop's ids.
                      same(api, method, path.getKey(), shop.app(), NOBODY, ids);
                      // A campaign is a name, and every application has all of them.
                      boolean hasMore =
                          path.getKey().indexOf('{') != path.getKey().lastIndexOf('{');
                      if (hasMore && !path.getKey().contains("{campaignId}")) {
                        same(api, method, path.getKey(), thief.app(), thief.app(), ids);
                      }
                      asked.add(method + " " + path.getKey());
                    }
                  }));
      Campaign.occurred("operations", asked.size(), 15);
      assertThat(state(run, shop)).isEqualTo(before);
    }
  }

  /** One of everything the shop has, by the name its routes give it. */
  private static Map<String, String> ids(Api api, Tenant shop, long message) {
    String app = Long.toString(shop.app());
    long schedule =
        made(
                api,
                "/api/schedules/" + app,
                """
                {"schedule_name":"yearly","cron":"@yearly","time_zone":"UTC",
                 "message":{"message_content":"x","recipient":"+4915123100000"}}
                """)
            .path("schedule_id")
            .asLong();
    made(
        api,
        "/api/applications/" + app + "/templates",
        """
        {"template_name":"words","draft":{"default_locale":"en",
         "variants":[{"locale":"en","text":"x"}]}}
        """);
    long redrive =
        made(api, "/api/dead-letters/" + app + "/redrive", "{}").path("redrive_id").asLong();
    long endpoint =
        made(api, "/api/webhooks/" + app + "/endpoints", "{\"url\":\"https://example.com/hook\"}")
            .at("/endpoint/endpoint_id")
            .asLong();
    assertThat(endpoint).isPositive();
    assertThat(schedule).isPositive();
    assertThat(redrive).isPositive();
    return Map.of(
        "{messageId}", Long.toString(message),
        "{senderId}", Long.toString(shop.sender()),
        "{phoneNumberId}", Long.toString(shop.sender()),
        "{keyId}", "1",
        "{scheduleId}", Long.toString(schedule),
        "{redriveId}", Long.toString(redrive),
        "{endpointId}", Long.toString(endpoint),
        "{campaignId}", "spring",
        "{templateName}", "words",
        "{version}", "1");
  }

  private static JsonNode made(Api api, String path, String body) {
    Api.Answer answer = api.post(path, body);
    assertThat(answer.status()).as(path + ": " + answer.body()).isEqualTo(201);
    return answer.data();
  }

  private static void same(
      Api api, String method, String path, long app, long otherApp, Map<String, String> ids) {
    String real = path.replace("{appId}", Long.toString(app));
    String none = path.replace("{appId}", Long.toString(otherApp));
    for (Map.Entry<String, String> id : ids.entrySet()) {
      real = real.replace(id.getKey(), id.getValue());
      none = none.replace(id.getKey(), NOBODYS.getOrDefault(id.getKey(), Long.toString(NOBODY)));
    }
    assertThat(real).as("every id of " + path + " is known here").doesNotContain("{");
    byte[] body =
        method.equals("GET") || method.equals("DELETE")
            ? null
            : "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Map<String, String> headers = Map.of("X-Correlation-ID", "g3");
    Api.Answer foreignAnswer = api.send(method, real, body, headers);
    Api.Answer noAnswer = api.send(method, none, body, headers);
    assertThat(foreignAnswer.status()).as(method + " " + real).isIn(403, 404, 422);
    assertThat(foreignAnswer.body()).as(method + " " + real).isEqualTo(noAnswer.body());
  }

  private static String state(Campaign run, Tenant shop) {
    return run.sql()
        .sql(
            """
            select (select string_agg(m::text, '|' order by message_id) from messages m
                     where app_id = :app)
                || (select string_agg(s::text, '|') from senders s where app_id = :app)
                || (select string_agg(k::text, '|') from api_keys k where app_id = :app)
                || (select string_agg(a::text, '|') from applications a where app_id = :app)
                || (select string_agg(s::text, '|') from schedules s where app_id = :app)
                || (select string_agg(t::text, '|') from templates t where app_id = :app)
                || (select string_agg(e.endpoint_id || e.url || coalesce(e.disabled_why, ''), '|')
                      from endpoints e where app_id = :app)
                || (select count(*) from campaigns where app_id = :app)
                || (select count(*) from redrives where app_id = :app)
                || (select count(*) from circuit_orders)
            """)
        .param("app", shop.app())
        .query(String.class)
        .single();
  }
}
