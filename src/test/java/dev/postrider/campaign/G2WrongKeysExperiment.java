package dev.postrider.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.testing.Api;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * G2: keys that are almost keys look all the same from outside, and a revoked one ends everywhere.
 */
@Tag("fault")
class G2WrongKeysExperiment {
  @Test
  void areIndistinguishable() {
    try (Campaign run = Campaign.start("G2", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      String good = shop.key();
      List<String> wrong = new ArrayList<>(List.of("x", "pr_live_", "pr_admin_", "pr_live_x_y"));
      wrong.add(good.substring(0, good.length() - 1));
      wrong.add(good + "0");
      wrong.add(good.toUpperCase(java.util.Locale.ROOT));
      wrong.add(good.replace("pr_live_", "pr_test_"));
      wrong.add(good.replace("pr_live_", "pr_admin_"));
      for (int i = 10; i < good.length(); i += 7) {
        char other = good.charAt(i) == 'a' ? 'b' : 'a';
        wrong.add(good.substring(0, i) + other + good.substring(i + 1));
      }
      Set<String> answers = new TreeSet<>();
      for (String key : wrong) {
        Api.Answer answer = run.node(0).api().as(key).get(shop.messages());
        assertThat(answer.status()).as(key).isEqualTo(401);
        answers.add(answer.body().replaceAll("\"correlation_id\":\"[^\"]*\"", ""));
      }
      assertThat(answers).as("one answer for all of them").hasSize(1);
    }
  }

  @Test
  void endEverywhereWithinFiveSecondsOfTheirRevocation() {
    try (Campaign run = Campaign.start("G2-revoked", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      for (Node node : run.nodes()) {
        assertThat(node.api().as(shop.key()).get(shop.messages()).status()).isEqualTo(200);
      }
      Api admin = run.node(0).api();
      long key =
          admin
              .get("/api/applications/" + shop.app() + "/keys")
              .data()
              .path("items")
              .path(0)
              .path("key_id")
              .asLong();
      assertThat(admin.delete("/api/applications/" + shop.app() + "/keys/" + key).status())
          .isLessThan(300);
      assertThat(run.node(0).api().as(shop.key()).get(shop.messages()).status()).isEqualTo(401);
      Campaign.until(
          () -> run.node(1).api().as(shop.key()).get(shop.messages()).status() == 401,
          java.time.Duration.ofSeconds(6));
    }
  }
}
