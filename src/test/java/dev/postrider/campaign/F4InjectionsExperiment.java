package dev.postrider.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.testing.Api;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * F4: what becomes dangerous where text is glued into SQL, JSON paths or patterns, in every query
 * parameter, path segment and header that the document names; and cursors that are not ours.
 */
class F4InjectionsExperiment {
  /** A statement of ours takes less; one that was injected sleeps five. */
  private static final long SLOW_NANOS = 4_000_000_000L;

  @Test
  void areHarmlessInEveryParameterAndHeader() {
    try (Campaign run = Campaign.start("F4", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      Tenant other = run.tenant("other");
      run.callers().all(run.ops(other, 3));
      Api api = run.node(0).api().as(shop.key());
      List<Place> places = places(run.node(0).api().get("/openapi.json").json(), shop);
      Campaign.occurred("places for text", places.size(), 40);
      for (Place place : places) {
        for (String text : Corpus.INJECTIONS) {
          harmless(api, place, text);
        }
      }
      headersAreText(run, api, shop);
      run.quiesce();
      assertThat(run.verdict().violations(Invariant.LOGS_ARE_CLEAN)).isEmpty();
    }
  }

  /** A place for text in a GET: the path around it, and whether it is a query's value. */
  private record Place(String before, String after, boolean query) {
    String with(String text) {
      String encoded = URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
      return before + encoded + after;
    }
  }

  private static List<Place> places(JsonNode document, Tenant shop) {
    List<Place> places = new ArrayList<>();
    document
        .path("paths")
        .properties()
        .forEach(path -> {
          // A stream of events has no end to wait for.
          if (path.getValue().has("get") && !path.getKey().equals("/sse")) {
            String real = path.getKey().replace("{appId}", Long.toString(shop.app()));
            for (JsonNode parameter : path.getValue().at("/get/parameters")) {
              String name = parameter.path("name").asString();
              if (parameter.path("in").asString().equals("query")) {
                places.add(new Place(filled(real) + "?" + name + "=", "", true));
              } else if (real.contains("{" + name + "}")) {
                int at = real.indexOf("{" + name + "}");
                places.add(
                    new Place(
                        filled(real.substring(0, at)),
                        filled(real.substring(at + name.length() + 2)),
                        false));
              }
            }
          }
        });
    return places;
  }

  private static String filled(String path) {
    return path.replaceAll("\\{[^}]+}", "1");
  }

  private static void harmless(Api api, Place place, String text) {
    long start = System.nanoTime();
    Api.Answer answer = api.get(place.with(text));
    assertThat(System.nanoTime() - start).as(place.with(text)).isLessThan(SLOW_NANOS);
    assertThat(answer.status()).as(place.with(text)).isIn(200, 400, 401, 403, 404, 422);
    assertThat(answer.body()).doesNotContain("SQL", "syntax error", "org.postgresql");
    if (answer.status() == 200 && place.query()) {
      assertThat(answer.data().path("items"))
          .as("nobody else's, and nothing that was not asked for: " + place.with(text))
          .isEmpty();
    }
  }

  private static void headersAreText(Campaign run, Api api, Tenant shop) {
    for (String text : Corpus.INJECTIONS) {
      for (String header : List.of("X-Correlation-ID", "traceparent", "Idempotency-Key")) {
        Op op = run.op(shop);
        Api.Answer answer =
            api.post(shop.messages(), op.body(), Map.of(header, text + Seed.value()));
        assertThat(answer.status()).as(header).isIn(201, 422);
        if (header.equals("X-Correlation-ID")) {
          assertThat(answer.header(header)).doesNotContain(text);
        }
      }
    }
  }

  /** A cursor is ours, as it was given and for what it was given, or it is nothing. */
  @Test
  void aCursorIsOursOrNothing() {
    try (Campaign run = Campaign.start("F4-cursor", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      Tenant other = run.tenant("other");
      run.callers().all(run.ops(shop, 3));
      run.callers().all(run.ops(other, 3));
      run.quiesce();
      Api api = run.node(0).api().as(shop.key());
      Api.Answer page = api.get(shop.messages() + "?limit=1");
      String cursor = page.data().path("next_cursor").asString("");
      assertThat(cursor).as(page.body()).isNotEmpty();
      Predicate<String> taken =
          it ->
              api.get(
                          shop.messages()
                              + "?limit=1&cursor="
                              + URLEncoder.encode(it, StandardCharsets.UTF_8))
                      .status()
                  == 200;
      assertThat(taken).accepts(cursor);
      assertThat(taken)
          .rejects(
              "MTAw",
              cursor + "A",
              cursor.substring(1),
              cursor.toUpperCase(java.util.Locale.ROOT),
              Base64.getUrlEncoder()
                  .encodeToString("' or 1=1 --".getBytes(StandardCharsets.UTF_8)));
      // Another application's leads to nothing of it.
      String foreign =
          run.node(0)
              .api()
              .as(other.key())
              .get(other.messages() + "?limit=1")
              .data()
              .path("next_cursor")
              .asString("");
      Api.Answer answer = api.get(shop.messages() + "?cursor=" + foreign);
      assertThat(answer.body()).doesNotContain("\"app_id\":" + other.app());
    }
  }
}
