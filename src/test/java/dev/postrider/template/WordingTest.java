package dev.postrider.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.postrider.app.AppId;
import dev.postrider.platform.FairRoom;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Json;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Violations;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.type.TypeReference;

class WordingTest {
  private static final Set<String> CHANNELS = new TreeSet<>(Set.of("email", "whatsapp"));

  private static Wording wording(String document) {
    return Wording.compile(Json.read(Json.utf8(document), TemplateDocument.class), CHANNELS);
  }

  private static Wording oneText(String variables, String text) {
    return wording(
        "{\"variables\":%s,\"default_locale\":\"en\",\"variants\":[{\"locale\":\"en\",\"text\":%s}]}"
            .formatted(variables, Json.write(text)));
  }

  private static Wording.Wanted wanted(@Nullable String locale, String channel, String variables) {
    Map<String, @Nullable Object> given =
        Json.mapper().readValue(variables, new TypeReference<>() {});
    return new Wording.Wanted("order", 3, locale, channel, given, false);
  }

  /** Java keeps what it has looked up for a locale, and people may make up any number of tags. */
  @ParameterizedTest
  @CsvSource({
    "pt-BR, pt-BR",
    "en-x-a0000001, en",
    "de-DE-1996, de-DE",
    "de-ZZ, de",
    "zh-Hant-TW, zh-Hant-TW",
    "zh-Hant-ZZ, zh-Hant",
    "zh-Hant-CN, zh-Hant",
    "pa-Arab-IN, pa-Arab",
    "ar-EG-u-nu-latn, ar-EG",
    "qqq-ZZ, und"
  })
  void isWrittenInTheNearestLocaleThatJavaKnows(String tag, String written) {
    Locale writing = VariableType.writing(Locale.forLanguageTag(tag));
    assertThat(writing.toLanguageTag()).isEqualTo(written);
    assertThat(Locale.getAvailableLocales()).contains(writing);
  }

  private static Allowance allowance() {
    return new Allowance(new AppId(1), new FairRoom(100_000));
  }

  private static Rendered rendered(Wording wording, Wording.Wanted wanted) {
    Violations violations = new Violations();
    Rendered rendered = wording.render(wanted, allowance(), violations);
    assertThat(violations.errors()).isEmpty();
    return Objects.requireNonNull(rendered);
  }

  private static String text(Wording wording, String variables) {
    return Objects.requireNonNull(rendered(wording, wanted(null, "whatsapp", variables)).text());
  }

  private static List<FieldError> refused(Wording wording, String variables) {
    Violations violations = new Violations();
    assertThat(wording.render(wanted(null, "whatsapp", variables), allowance(), violations))
        .isNull();
    return violations.errors();
  }

  @Test
  void theSameVariantTwiceIsFoundHoweverItIsSpelt() {
    assertThatThrownBy(() ->
            wording(
                """
                {"default_locale":"en","variants":[
                  {"locale":"en","text":"en"},
                  {"locale":"pt-BR","text":"one"},
                  {"locale":"pt-br","text":"two"}]}
                """))
        .hasMessageContaining("has the locale and channel of another");
  }

  @ParameterizedTest
  @CsvSource({
    "pt-BR, whatsapp, pt-BR whatsapp",
    "pt-BR, email, pt-BR",
    "pt-PT, whatsapp, pt",
    "pt, email, pt",
    "de-AT, whatsapp, en whatsapp",
    "en-GB, email, en",
    ", email, en"
  })
  void itsOwnLocaleItsLanguageTheDefaultAndTheChannelsOwnWordsFirst(
      @Nullable String locale, String channel, String expected) {
    Wording all =
        wording(
            """
            {"default_locale":"en","variants":[
              {"locale":"en","text":"en"},
              {"locale":"en","channel":"whatsapp","text":"en whatsapp"},
              {"locale":"pt","text":"pt"},
              {"locale":"pt-BR","text":"pt-BR"},
              {"locale":"pt-BR","channel":"whatsapp","text":"pt-BR whatsapp"}]}
            """);
    assertThat(rendered(all, wanted(locale, channel, "{}")).text()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "integer | 2026 | en | 2026",
        "number | 1234.5 | en | 1,234.5",
        "number | \"1234.50\" | de | 1.234,50",
        "money | {\"amount\":\"1234.5\",\"currency\":\"EUR\"} | en | €1,234.50",
        "money | {\"amount\":1234,\"currency\":\"JPY\"} | en | ¥1,234",
        "date | \"2026-12-24\" | en | Dec 24, 2026",
        "date | \"2026-12-24\" | de | 24.12.2026",
        "url | \"https://example.com/a?b=c\" | en | https://example.com/a?b=c",
        "string | \"Ana\" | en | Ana"
      })
  void valuesAreWrittenInTheWordsOfTheLanguage(
      String type, String value, String locale, String shown) {
    Wording one =
        wording(
            """
            {"variables":{"v":{"type":"%s"}},"default_locale":"%s",
             "variants":[{"locale":"%s","text":"{{v}}"}]}
            """
                .formatted(type, locale, locale));
    assertThat(text(one, "{\"v\":" + value + "}")).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "string | 5",
        "string | \"a\\u0000b\"",
        "integer | 1.5",
        "integer | \"5\"",
        "number | true",
        "number | 1e999",
        "number | \"1e2147483647\"",
        "money | {\"amount\":\"1\"}",
        "money | {\"amount\":\"one\",\"currency\":\"EUR\"}",
        "money | {\"amount\":\"1\",\"currency\":\"EURO\"}",
        "date | \"2026-02-30\"",
        "datetime | \"2026-12-24T18:00:00\"",
        "boolean | \"yes\"",
        "url | \"javascript:alert(1)\"",
        "url | \"/relative\"",
        "list | \"a\"",
        "list | [{}]"
      })
  void whatIsNotOfItsTypeIsNamed(String type, String value) {
    Wording one = oneText("{\"v\":{\"type\":\"" + type + "\"}}", "x");
    assertThat(refused(one, "{\"v\":" + value + "}"))
        .singleElement()
        .extracting(FieldError::field, InstanceOfAssertFactories.STRING)
        .startsWith("template.variables.v");
  }

  @Test
  void requiredIsRequiredDefaultsStandInAndWhatIsUnknownIsNamed() {
    Wording one =
        oneText(
            "{\"name\":{\"required\":true},\"shop\":{\"default\":\"our shop\"},\"note\":{}}",
            "{{name}} at {{shop}}{{#note}}: {{note}}{{/note}}{{^note}}.{{/note}}");
    assertThat(text(one, "{\"name\":\"Ana\"}")).isEqualTo("Ana at our shop.");
    assertThat(text(one, "{\"name\":\"Ana\",\"shop\":\"Acme\",\"note\":\"hi\"}"))
        .isEqualTo("Ana at Acme: hi");
    assertThat(refused(one, "{\"nmae\":\"Ana\"}"))
        .extracting(FieldError::field)
        .containsExactly("template.variables.nmae", "template.variables.name");
  }

  @Test
  void listsAreRepeatedAndTheirFieldsAreTyped() {
    Wording one =
        oneText(
            """
            {"name":{"default":"outer"},
             "items":{"type":"list","items":{"name":{},"price":{"type":"number"}}}}
            """,
            "{{#items}}{{-index}}:{{name}}={{price}};{{/items}}{{^items}}nothing{{/items}}");
    assertThat(text(one, "{\"items\":[{\"name\":\"a\",\"price\":1.5},{\"price\":2}]}"))
        .as("a field that is missing is empty, not the outer variable of its name")
        .isEqualTo("1:a=1.5;2:=2;");
    assertThat(text(one, "{\"items\":[]}")).isEqualTo("nothing");
    assertThat(refused(one, "{\"items\":[{\"price\":\"x\"}]}"))
        .extracting(FieldError::field)
        .containsExactly("template.variables.items.0.price");
    assertThat(
            text(
                oneText("{\"tags\":{\"type\":\"list\"}}", "{{#tags}}#{{.}} {{/tags}}"),
                "{\"tags\":[\"a\",\"b\"]}"))
        .isEqualTo("#a #b ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{{7*7}}", "{{name}}", "${7*7}", "#{1}", "{{{name}}}", "{{>x}}", "<%= 1 %>"})
  void whatVariablesBringIsNeverEvaluated(String value) {
    Wording one = oneText("{\"name\":{}}", "Hi {{name}}");
    assertThat(text(one, Json.write(Map.of("name", value)))).isEqualTo("Hi " + value);
  }

  @Test
  void htmlIsEscapedInHtmlOnly() {
    Wording one =
        wording(
            """
            {"variables":{"name":{}},"default_locale":"en",
             "variants":[{"locale":"en","text":"Hi {{name}}","html":"<b title=\\"{{name}}\\">{{name}}</b>"}]}
            """);
    Rendered rendered = rendered(one, wanted(null, "email", "{\"name\":\"<script>\\\"'&\"}"));
    assertThat(rendered.text()).isEqualTo("Hi <script>\"'&");
    assertThat(rendered.html()).doesNotContain("<script").doesNotContain("\"'");
    assertThat(rendered.html()).contains("&lt;script&gt;");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{nmae}}",
        "{{#items}}{{unknown}}{{/items}}",
        "{{#name}}",
        "{{/name}}",
        "{{#name}}{{/items}}",
        "{{>partial}}",
        "{{<parent}}{{/parent}}",
        "{{=<% %>=}}",
        "{{name.class}}",
        "{{price}}",
        "{{name",
        "{{ !x{{>p}}",
        "{{ !x{{{name}}}",
        "{{! a {brace} }}",
        "{{items}}",
        "{{&items}}",
        "{{#items}}{{.}}{{/items}}",
        "{{#items}}{{#price}}{{this}}{{/price}}{{/items}}"
      })
  void whatCannotWorkIsRefusedWhenItIsWritten(String source) {
    assertThatThrownBy(() ->
            oneText("{\"name\":{},\"items\":{\"type\":\"list\",\"items\":{\"price\":{}}}}", source))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.errors()).extracting(FieldError::field).contains("variants.0.text"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<b>{{ !x{{{name}}}</b>",
        "<b>{{{name}}}</b>",
        "<b>{{&name}}</b>",
        "<b>{{ & name }}</b>"
      })
  void nothingIsLeftUnescapedInHtml(String html) {
    assertThatThrownBy(() ->
            wording(
                "{\"variables\":{\"name\":{}},\"default_locale\":\"en\",\"variants\":[{\"locale\":\"en\",\"html\":\"%s\"}]}"
                    .formatted(html)))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.errors()).extracting(FieldError::field).contains("variants.0.html"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | variants",
        "{\"default_locale\":\"english!\"} | default_locale",
        "{\"default_locale\":\"en\",\"variants\":[{\"locale\":\"de\",\"text\":\"x\"}]} | variants",
        "{\"default_locale\":\"en\",\"variants\":[{\"locale\":\"en\"}]} | variants.0",
        "{\"default_locale\":\"en\",\"variants\":[null]} | variants.0",
        "{\"default_locale\":\"en\",\"variants\":[{\"locale\":\"en\",\"channel\":\"fax\",\"text\":\"x\"}]} | variants.0.channel",
        "{\"variables\":{\"Name\":{}},\"default_locale\":\"en\",\"variants\":[{\"locale\":\"en\",\"text\":\"x\"}]} | variables.Name",
        "{\"variables\":{\"n\":null},\"default_locale\":\"en\",\"variants\":[{\"locale\":\"en\",\"text\":\"x\"}]} | variables.n",
        "{\"variables\":{\"n\":{\"type\":\"text\"}},\"default_locale\":\"en\",\"variants\":[{\"locale\":\"en\",\"text\":\"x\"}]} | variables.n.type",
        "{\"variables\":{\"n\":{\"type\":\"integer\",\"default\":\"x\"}},\"default_locale\":\"en\",\"variants\":[{\"locale\":\"en\",\"text\":\"x\"}]} | variables.n.default",
        "{\"variables\":{\"n\":{\"format\":\"long\"}},\"default_locale\":\"en\",\"variants\":[{\"locale\":\"en\",\"text\":\"x\"}]} | variables.n.format"
      })
  void whatIsWrongWithADocumentIsNamed(String document, String field) {
    assertThatThrownBy(() -> wording(document))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.errors()).extracting(FieldError::field).contains(field));
  }

  @Test
  void sectionsInSectionsHaveAnEnd() {
    String deep = "{{#name}}".repeat(2000) + "{{/name}}".repeat(2000);
    assertThatThrownBy(() -> oneText("{\"name\":{}}", deep))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.errors().getFirst().detail()).contains("deeper"));
  }

  /** Loops in loops, long outputs, many empty look-ups: each ends at a limit, and soon. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{#a}}{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}{{/a}}",
        "{{#a}}{{#a}}0123456789012345678901234567890123456789{{/a}}{{/a}}",
        "{{#a}}{{#a}}{{#n}}{{/n}}{{#n}}{{/n}}{{#n}}{{/n}}{{/a}}{{/a}}"
      })
  void whatARenderingMayCostIsBounded(String source) {
    Wording one = oneText("{\"a\":{\"type\":\"list\"},\"n\":{}}", source);
    String many = "[" + "\"x\",".repeat(999) + "\"x\"]";
    long start = System.nanoTime();
    assertThat(refused(one, "{\"a\":" + many + "}"))
        .singleElement()
        .satisfies(it -> assertThat(it.detail()).containsAnyOf("steps", "longer than"));
    assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
  }

  /** A batch of a thousand long mails would fill the heap, and of slow ones stop everybody else. */
  @Test
  void theMessagesOfARequestShareWhatTheyMayCost() {
    Wording longText = oneText("{\"a\":{\"type\":\"list\"}}", "{{#a}}" + "x".repeat(50) + "{{/a}}");
    Wording slow = oneText("{\"a\":{\"type\":\"list\"},\"n\":{}}", "{{#a}}{{^n}}{{/n}}{{/a}}");
    String many = "{\"a\":[" + "\"x\",".repeat(999) + "\"x\"]}";
    FairRoom room = new FairRoom(12 * 1024);
    try (Allowance one = new Allowance(new AppId(1), room)) {
      assertThat(renderedUntilRefused(longText, many, one, "more than 8388608 characters"))
          .isEqualTo(8 * 1024 * 1024 / 50_000);
      assertThat(room.of(new AppId(1))).isEqualTo(8 * 1024 * 1024 / 50_000 * 50_000 / 1024);
    }
    assertThat(room.of(new AppId(1))).isZero();
    try (Allowance one = new Allowance(new AppId(1), room)) {
      assertThat(renderedUntilRefused(slow, many, one, "more than 2000000 steps"))
          .isBetween(100, 500);
    }
  }

  @Test
  void requestsShareTheRoomForWhatTheyRender() {
    Wording longText = oneText("{\"a\":{\"type\":\"list\"}}", "{{#a}}" + "x".repeat(50) + "{{/a}}");
    String many = "{\"a\":[" + "\"x\",".repeat(999) + "\"x\"]}";
    FairRoom room = new FairRoom(60);
    try (Allowance one = new Allowance(new AppId(1), room);
        Allowance other = new Allowance(new AppId(2), room)) {
      longText.render(wanted(null, "whatsapp", many), one, new Violations());
      assertThatThrownBy(
              () -> longText.render(wanted(null, "whatsapp", many), other, new Violations()))
          .isInstanceOf(Overloaded.class);
    }
  }

  private static int renderedUntilRefused(
      Wording wording, String variables, Allowance allowance, String because) {
    int rendered = 0;
    while (true) {
      Violations violations = new Violations();
      wording.render(wanted(null, "whatsapp", variables), allowance, violations);
      if (!violations.isEmpty()) {
        assertThat(violations.errors())
            .singleElement()
            .satisfies(
                it -> assertThat(it.detail()).contains("with the messages before it", because));
        return rendered;
      }
      rendered++;
    }
  }

  /** Spaces in a tag that is not closed could be split between three groups in n³ ways. */
  @Test
  void aTagThatIsNotClosedIsFoundAtOnce() {
    // The pattern that could be split would take days.
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () ->
            assertThatThrownBy(() -> oneText("{}", "{{" + " ".repeat(60_000) + "x"))
                .isInstanceOf(ProblemException.class));
  }

  /** Each of them used to carry the names of all that there are. */
  @Test
  void whatIsWrongIsToldTwoHundredTimesAtMost() {
    Map<String, Object> unknown = new TreeMap<>();
    for (int i = 0; i < 30_000; i++) {
      unknown.put("u" + i, 1);
    }
    assertThat(refused(oneText("{\"n\":{}}", "{{n}}"), Json.write(unknown)))
        .hasSize(Violations.MOST);
  }

  @Test
  void longTagsOfLanguagesAreRefused() {
    assertThatThrownBy(() ->
            wording(
                "{\"default_locale\":\"%s\",\"variants\":[{\"locale\":\"en\",\"text\":\"x\"}]}"
                    .formatted("en-x" + "-aaaaaaaa".repeat(100))))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.errors()).extracting(FieldError::field).contains("default_locale"));
  }

  @Test
  void tagsHaveAnEnd() {
    assertThatThrownBy(() -> oneText("{\"n\":{}}", "{{n}}".repeat(2001)))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.errors().getFirst().detail()).contains("2000 tags"));
  }

  /**
   * Values cost, too, before anything is rendered: numbers are written in the reader's language.
   */
  @Test
  void valuesThatAreFilledInAreCounted() {
    Wording slow =
        oneText("{\"a\":{\"type\":\"list\",\"items\":{\"n\":{\"type\":\"number\"}}}}", "x");
    String many = "{\"a\":[" + "{\"n\":1},".repeat(999) + "{\"n\":1}]}";
    try (Allowance one = allowance()) {
      assertThat(renderedUntilRefused(slow, many, one, "more than 2000000 steps"))
          .isBetween(160, 170);
    }
  }

  /** Each is a line of a request, and a place of a hundred fields that is kept until the end. */
  @Test
  void emptyItemsAreCountedWithAllTheirFields() {
    StringBuilder fields = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      fields.append(i == 0 ? "" : ",").append("\"f%d\":{}".formatted(i));
    }
    String list = "{\"type\":\"list\",\"items\":{" + fields + "}}";
    String empty = "[" + "{},".repeat(999) + "{}]";
    assertThat(
            refused(
                oneText("{\"a\":" + list + ",\"b\":" + list + "}", "x"),
                "{\"a\":" + empty + ",\"b\":" + empty + "}"))
        .singleElement()
        .satisfies(it -> assertThat(it.detail()).contains("steps"));
  }

  @Test
  void allDefaultsAndExamplesOfAVersionCostNoMoreThanARendering() {
    String money = "{\"amount\":\"1.50\",\"currency\":\"EUR\"}";
    String list = "[" + (money + ",").repeat(599) + money + "]";
    StringBuilder variables = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      variables
          .append(i == 0 ? "" : ",")
          .append(
              "\"v%d\":{\"type\":\"list\",\"items\":{\"amount\":{},\"currency\":{}},\"default\":%s,\"example\":%s}"
                  .formatted(i, list, list));
    }
    assertThatThrownBy(() -> oneText("{" + variables + "}", "x"))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.errors().getFirst().detail()).contains("steps"));
  }

  @Test
  void anUnknownVariableIsToldOnlySomeOfThoseThereAre() {
    StringBuilder fields = new StringBuilder("\"f0\":{}");
    for (int i = 1; i < 100; i++) {
      fields.append(",\"f%d\":{}".formatted(i));
    }
    assertThat(refused(oneText("{" + fields + "}", "x"), "{\"g\":1}"))
        .singleElement()
        .satisfies(it -> assertThat(it.detail()).endsWith("f18, f19 and 80 more"));
  }

  @Test
  void aDefaultMayNotCostMoreThanARendering() {
    StringBuilder fields = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      fields.append(i == 0 ? "" : ",").append("\"f%d\":{\"default\":\"x\"}".formatted(i));
    }
    String list =
        "{\"a\":{\"type\":\"list\",\"items\":{%s},\"default\":[%s{}]}}"
            .formatted(fields, "{},".repeat(999));
    assertThatThrownBy(() -> oneText(list, "x"))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.errors().getFirst().detail()).contains("steps"));
  }
}
