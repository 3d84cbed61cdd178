package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.FORGERIES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.simulator.WahaSimulator;
import dev.postrider.simulator.WahaSimulator.Call;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** D4: receipts that the provider never sent. */
@Tag("fault")
class D4ForgedReceiptsExperiment {
  @Test
  void changeNothing() {
    try (Campaign run = Campaign.start("D4", Setup.quick(1))) {
      Tenant shop = run.tenant("shop");
      Tenant thief = run.tenant("thief");
      List<Call> taken = new CopyOnWriteArrayList<>();
      run.onTaken(taken::add);
      run.callers().all(run.ops(shop, 5));
      run.quiesce();
      for (Call call : taken) {
        String body =
            WahaSimulator.ack(call.session(), "true_" + call.chatId() + "_" + call.key(), 3);
        String signed = WahaSimulator.hmac(body, shop.hmacKey());
        forge(run, shop, call, body, "");
        forge(run, shop, call, body, "00");
        forge(run, shop, call, body, "not hexadecimal");
        forge(run, shop, call, body, WahaSimulator.hmac(body, "a guess"));
        forge(run, shop, call, body, WahaSimulator.hmac(body, thief.hmacKey()));
        forge(run, shop, call, body, signed.substring(0, 64));
        // The same JSON, written differently: the signature is over the bytes.
        forge(run, shop, call, body.replace(":", ": "), signed);
        // The thief's own signature is good at the thief's address, and reaches none of the shop's.
        String own = body.replace("\"session\":\"shop\"", "\"session\":\"thief\"");
        int status =
            run.reports()
                .send(thief, call.key(), 3, own, WahaSimulator.hmac(own, thief.hmacKey()), true);
        assertThat(status).isEqualTo(200);
        forge(run, thief, call, body, WahaSimulator.hmac(body, thief.hmacKey()));
      }
      run.verdict().occurred(FORGERIES, 40).holds();
      assertThat(
              run.sql()
                  .sql("select count(*) from messages where read_at is not null")
                  .query(Integer.class)
                  .single())
          .isZero();
    }
  }

  private static void forge(Campaign run, Tenant at, Call call, String body, String signature) {
    assertThat(run.reports().send(at, call.key(), 3, body, signature, false)).isEqualTo(401);
  }
}
