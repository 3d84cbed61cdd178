package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.MISMATCHED;
import static dev.postrider.campaign.Tally.REPLAYED;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.campaign.Journals.Asked;
import dev.postrider.testing.Api;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** E1: twins, on two nodes, across a crash, a key rotation, another body, another application. */
@Tag("fault")
class E1IdempotencyExperiment {
  @Test
  void aKeyIsOneMessageAndOneAnswer() {
    try (Campaign run = Campaign.start("E1", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      Tenant other = run.tenant("other");
      for (int i = 0; i < 6; i++) {
        run.callers().all(Collections.nCopies(50, run.op(shop)));
      }
      // The same key means something else in another application, and nothing else in this one.
      Op first = run.op(shop);
      run.callers().all(List.of(first, run.op(other).withKey(first.name())));
      Asked reused = run.callers().once(run.op(shop).withKey(first.name()), 1);
      assertThat(reused.status()).isEqualTo(422);
      assertThat(reused.code()).isEqualTo("idempotency_key_reuse");
      // Its scope is the application, so it outlives the key that was used.
      Api admin = run.node(0).api();
      String rotated =
          admin
              .post("/api/applications/" + shop.app() + "/keys", "{\"overlap_seconds\":0}")
              .data()
              .path("api_key")
              .asString();
      Tenant rotatedShop =
          new Tenant(
              shop.name(), shop.app(), rotated, shop.sender(), shop.session(), shop.hmacKey());
      Op again =
          new Op(
              first.name(), rotatedShop, first.recipient(), first.name(), false, null, null, null);
      assertThat(run.callers().once(again, 2).replayed()).isTrue();
      // Twins while their node is killed: between the commit and the answer, too.
      run.callers().start(120, n -> twin(run, rotatedShop, n));
      for (int round = 0; round < 3; round++) {
        Campaign.last(ofMillis(1200));
        run.node(round % 2).kill();
        run.node(round % 2).start();
      }
      run.quiesce();
      run.verdict().occurred(REPLAYED, 50).occurred(MISMATCHED, 1).holds();
    }
  }

  private Op last = Op.of("none", new Tenant("", 0, "", 0, "", ""), "");

  private Op twin(Campaign run, Tenant tenant, int n) {
    if (n % 3 == 0) {
      last = run.op(tenant);
    }
    return last;
  }

  @Test
  void aKeyThatIsNoKeyIsRefused() {
    try (Campaign run = Campaign.start("E1-keys", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      Api api = run.node(0).api().as(shop.key());
      String body = run.op(shop).body();
      for (String bad : List.of("", " ", "\"\"", "k".repeat(256))) {
        Api.Answer answer = api.post(shop.messages(), body, Map.of("Idempotency-Key", bad));
        assertThat(answer.status()).as(bad).isEqualTo(422);
        assertThat(answer.fields()).contains("Idempotency-Key");
      }
      assertThat(run.stored()).isZero();
    }
  }
}
