package dev.postrider.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.testing.Api;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * F4: what becomes dangerous where text is glued into SQL, JSON paths or patterns, in every path
 * segment, query parameter and header that the document names, asked by an application and by the
 * operator; and cursors that are not ours.
 */
@Tag("fault")
class F4InjectionsExperiment {
  /** A statement of ours takes less; one that was injected sleeps five. */
  private static final long SLOW_NANOS = 4_000_000_000L;

  @Test
  void areHarmlessWhereverTextGoes() {
    try (Campaign run = Campaign.start("F4", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      Tenant other = run.tenant("other");
      run.callers().all(run.ops(other, 3));
      Api admin = run.node(0).api();
      Api api = admin.as(shop.key());
      JsonNode document = admin.get("/openapi.json").json();
      List<Place> places = places(document, shop);
      Campaign.occurred("places for text", places.size(), 80);
      for (Place place : places) {
        for (String text : Corpus.INJECTIONS) {
          Api.Answer answer = harmless(api, place, text);
          if (answer.status() == 200) {
            assertThat(answer.data().path("items"))
                .as("nobody else's, and nothing that was not asked for: " + place.with(text))
                .isEmpty();
          }
          harmless(admin, place, text);
        }
      }
      for (String header : headers(document)) {
        for (String text : Corpus.INJECTIONS) {
          Api.Answer answer =
              api.post(shop.messages(), run.op(shop).body(), Map.of(header, text + Seed.value()));
          assertThat(answer.status()).as(header).isIn(201, 422);
          assertThat(answer.header("X-Correlation-ID")).doesNotContain(text);
        }
      }
      run.quiesce();
      run.verdict(EnumSet.of(Invariant.LOGS_ARE_CLEAN)).holds();
    }
  }

  /** A place for text, and the path around it. */
  private record Place(String method, String before, String after) {
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
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(operation -> {
                  // A stream of events has no end to wait for.
                  if (!path.getKey().equals("/sse")) {
                    String real = path.getKey().replace("{appId}", Long.toString(shop.app()));
                    String method = operation.getKey().toUpperCase(Locale.ROOT);
                    for (JsonNode parameter : operation.getValue().path("parameters")) {
                      place(method, real, parameter).ifPresent(places::add);
                    }
                  }
                }));
    return places;
  }

  private static Optional<Place> place(String method, String path, JsonNode parameter) {
    String name = parameter.path("name").asString();
    String segment = "{" + name + "}";
    if (parameter.path("in").asString().equals("query")) {
      return Optional.of(new Place(method, filled(path) + "?" + name + "=", ""));
    }
    int at = path.indexOf(segment);
    return at < 0
        ? Optional.empty()
        : Optional.of(
            new Place(
                method,
                filled(path.substring(0, at)),
                filled(path.substring(at + segment.length()))));
  }

  /** Those that any operation takes. */
  private static Set<String> headers(JsonNode document) {
    Set<String> headers = new TreeSet<>(List.of("X-Correlation-ID", "traceparent"));
    document
        .path("paths")
        .forEach(path ->
            path.forEach(operation ->
                operation
                    .path("parameters")
                    .forEach(parameter -> {
                      if (parameter.path("in").asString().equals("header")) {
                        headers.add(parameter.path("name").asString());
                      }
                    })));
    return headers;
  }

  private static String filled(String path) {
    return path.replaceAll("\\{[^}]+}", "1");
  }

  private static Api.Answer harmless(Api api, Place place, String text) {
    String path = place.with(text);
    boolean hasBody = List.of("POST", "PUT", "PATCH").contains(place.method());
    byte[] body = hasBody ? "{}".getBytes(StandardCharsets.UTF_8) : null;
    long start = System.nanoTime();
    Api.Answer answer = api.send(place.method(), path, body, Map.of());
    assertThat(System.nanoTime() - start).as(path).isLessThan(SLOW_NANOS);
    assertThat(answer.status()).as(path + " " + answer.body()).isLessThan(500);
    assertThat(answer.body()).doesNotContain("SQL", "syntax error", "org.postgresql");
    return answer;
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
      assertThat(taken)
          .as("another application's")
          .rejects(
              run.node(0)
                  .api()
                  .as(other.key())
                  .get(other.messages() + "?limit=1")
                  .data()
                  .path("next_cursor")
                  .asString());
    }
  }
}
