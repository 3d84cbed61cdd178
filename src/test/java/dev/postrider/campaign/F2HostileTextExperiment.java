package dev.postrider.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.testing.Api;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** F2: hostile text in every text field there is: a 4xx that names it, or kept as it is. */
@Tag("fault")
class F2HostileTextExperiment {
  /** Bodies with a place for the text, and where they go. */
  private static final List<List<String>> FIELDS =
      List.of(
          List.of(
              "message_content", "{\"recipient\":\"+4915123100000\",\"message_content\":\"%s\"}"),
          List.of("recipient", "{\"message_content\":\"x\",\"recipient\":\"%s\"}"),
          List.of(
              "subject",
              "{\"message_content\":\"x\",\"recipient\":\"+4915123100000\",\"subject\":\"%s\"}"),
          List.of(
              "message_html",
              "{\"message_content\":\"x\",\"recipient\":\"+4915123100000\",\"message_html\":\"%s\"}"),
          List.of(
              "message_type",
              "{\"message_content\":\"x\",\"recipient\":\"+4915123100000\",\"message_type\":\"%s\"}"),
          List.of(
              "scheduled_for",
              "{\"message_content\":\"x\",\"recipient\":\"+4915123100000\",\"scheduled_for\":\"%s\"}"),
          List.of(
              "expires_at",
              "{\"message_content\":\"x\",\"recipient\":\"+4915123100000\",\"expires_at\":\"%s\"}"),
          List.of(
              "priority",
              "{\"message_content\":\"x\",\"recipient\":\"+4915123100000\",\"priority\":\"%s\"}"),
          List.of(
              "on_ambiguous",
              "{\"message_content\":\"x\",\"recipient\":\"+4915123100000\",\"on_ambiguous\":\"%s\"}"),
          List.of(
              "metadata",
              "{\"message_content\":\"x\",\"recipient\":\"+4915123100000\",\"metadata\":{\"a\":\"%s\"}}"),
          List.of(
              "metadata",
              "{\"message_content\":\"x\",\"recipient\":\"+4915123100000\",\"metadata\":{\"%s\":1}}"),
          List.of(
              "media",
              "{\"message_type\":\"file\",\"recipient\":\"+4915123100000\",\"media\":{\"url\":\"%s\",\"mimetype\":\"a/b\",\"filename\":\"a\"}}"),
          List.of(
              "media",
              "{\"message_type\":\"file\",\"recipient\":\"+4915123100000\",\"media\":{\"data\":\"eA==\",\"mimetype\":\"%s\",\"filename\":\"a\"}}"),
          List.of(
              "media",
              "{\"message_type\":\"file\",\"recipient\":\"+4915123100000\",\"media\":{\"data\":\"eA==\",\"mimetype\":\"a/b\",\"filename\":\"%s\"}}"));

  @Test
  void isRefusedByNameOrKeptAsItIs() {
    try (Campaign run = Campaign.start("F2", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      Api api = run.node(0).api().as(shop.key());
      int kept = 0;
      int refused = 0;
      for (List<String> field : FIELDS) {
        for (String text : all()) {
          Api.Answer answer = api.post(shop.messages(), field.get(1).formatted(text));
          if (answer.status() == 201) {
            kept++;
            keeps(api, shop, answer, field.getFirst(), field.get(1).formatted(text));
          } else {
            refused++;
            assertThat(answer.status()).as(answer.body()).isIn(400, 422);
            assertThat(answer.status() == 400 || names(answer, field.getFirst()))
                .as(field.getFirst() + " " + answer.body())
                .isTrue();
          }
        }
      }
      Campaign.occurred("texts kept", kept, 30);
      Campaign.occurred("texts refused", refused, 100);
      run.quiesce();
      run.verdict(EnumSet.of(Invariant.LOGS_ARE_CLEAN)).holds();
    }
  }

  private static List<String> all() {
    return java.util.stream.Stream.concat(Corpus.STRINGS.stream(), Corpus.INJECTIONS.stream())
        .toList();
  }

  private static boolean names(Api.Answer answer, String field) {
    return answer.fields().stream().anyMatch(it -> it.startsWith(field));
  }

  /** What was accepted is what was sent, to the character. */
  private static void keeps(Api api, Tenant shop, Api.Answer answer, String field, String sent) {
    boolean isText = field.equals("message_content") || field.equals("metadata");
    if (isText) {
      var wanted = tools.jackson.databind.json.JsonMapper.shared().readTree(sent).path(field);
      var stored = api.show(shop.app(), answer.data().path("message_id").asLong()).path(field);
      assertThat(stored).isEqualTo(wanted);
    }
  }
}
