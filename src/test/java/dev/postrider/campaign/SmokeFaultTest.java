package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.ANSWERED_503;
import static dev.postrider.campaign.Tally.CIRCUITS_OPENED;
import static dev.postrider.campaign.Tally.DEFERRED;
import static dev.postrider.campaign.Tally.EXPIRED;
import static dev.postrider.campaign.Tally.FORGERIES;
import static dev.postrider.campaign.Tally.HOLD_PARKED;
import static dev.postrider.campaign.Tally.IN_ORDER;
import static dev.postrider.campaign.Tally.MISMATCHED;
import static dev.postrider.campaign.Tally.RECEIPTS_OUT_OF_ORDER;
import static dev.postrider.campaign.Tally.REPLAYED;
import static dev.postrider.campaign.Tally.RESCUED;
import static dev.postrider.campaign.Tally.UNCLEAR;
import static dev.postrider.campaign.Tally.UNTOLD;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.campaign.Reports.Habit;
import dev.postrider.simulator.WahaSimulator.Call;
import dev.postrider.simulator.WahaSimulator.Mood;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Everything the campaign has, in two minutes and in an order of the seed's choosing, while two
 * nodes work: what every commit must survive.
 */
@Tag("fault")
class SmokeFaultTest {
  private final AtomicReference<Call> taken = new AtomicReference<>();

  @Test
  void twoMinutesOfEverything() {
    try (Campaign run = Campaign.start("smoke", Setup.quick(2))) {
      Tenant shop = run.tenant("shop");
      Tenant other = run.tenant("other");
      // Half again as much as it is given: what faults have kept waiting must not come at once.
      run.pace(other, 50);
      run.onTaken(taken::set);
      run.reports().habit(Habit.WILD);
      run.provider().takes(ofMillis(150));
      run.callers().start(70, n -> op(run, n % 2 == 0 ? shop : other, n));
      List<Runnable> faults = faults(run, shop, other);
      Collections.shuffle(faults, run.random());
      for (Runnable fault : faults) {
        Campaign.last(ofSeconds(2));
        fault.run();
        run.reviveNodes();
      }
      Campaign.last(ofSeconds(2));
      run.quiesce();
      run.verdict()
          .occurred(RESCUED, 1)
          .occurred(UNCLEAR, 5)
          .occurred(DEFERRED, 1)
          .occurred(HOLD_PARKED, 1)
          .occurred(REPLAYED, 10)
          .occurred(MISMATCHED, 1)
          .occurred(FORGERIES, 1)
          .occurred(ANSWERED_503, 5)
          .occurred(RECEIPTS_OUT_OF_ORDER, 100)
          .occurred(CIRCUITS_OPENED, 1)
          .occurred(EXPIRED, 1)
          .occurred(IN_ORDER, 100)
          .atMost(UNTOLD, 0)
          .holds();
    }
  }

  private static Op op(Campaign run, Tenant tenant, int n) {
    Op op = run.op(tenant);
    return switch (n % 10) {
      case 3, 7 -> op.held();
      case 5 -> op.at(Instant.now().plusSeconds(3));
      case 1 -> op.until(Instant.now().plusSeconds(4));
      default -> op;
    };
  }

  private List<Runnable> faults(Campaign run, Tenant shop, Tenant other) {
    List<Runnable> faults = new ArrayList<>();
    faults.add(() -> run.node(0).kill());
    faults.add(() -> run.node(1).kill());
    faults.add(() -> run.node(run.random().nextInt(2)).stop());
    faults.add(() -> {
      run.node(1).freeze();
      Campaign.last(ofSeconds(3));
      run.node(1).thaw();
    });
    faults.add(() -> {
      run.killPostgres();
      run.restartPostgres();
    });
    faults.add(() -> {
      run.hurt("cut", "node-0 wire");
      run.node(0).wire().cut();
      Campaign.last(ofSeconds(1));
      run.healWires();
    });
    faults.add(() -> {
      run.hurt("blackhole", "node-1 wire");
      run.node(1).wire().blackhole();
      Campaign.last(ofSeconds(4));
      run.healWires();
    });
    faults.add(() -> {
      for (int i = 0; i < 8; i++) {
        run.hurt("swallow", "commit");
        run.node(i % 2).wire().swallowCommits(1);
        Campaign.last(ofMillis(250));
      }
    });
    faults.add(
        () -> run.provider().next(Mood.TAKE_AND_RESET, Mood.RESET, Mood.HTML, Mood.TAKE_AND_RESET));
    faults.add(() -> run.provider().next(Mood.STATUS_500, Mood.NO_ID, Mood.DUPLICATE_KEYS));
    faults.add(() -> {
      run.provider().retryAfter("1");
      run.provider().always(Mood.STATUS_503);
      Campaign.last(ofSeconds(1));
      run.provider().always(Mood.FINE);
    });
    faults.add(() -> {
      run.providerWire().breakRequests(2);
      run.providerWire().breakAnswers(2);
      Campaign.last(ofMillis(500));
      run.providerWire().cut();
      Campaign.last(ofMillis(300));
      run.healWires();
    });
    faults.add(() -> {
      Op twin = run.op(shop);
      run.submitAll(Collections.nCopies(30, twin));
      run.callers().ask(twin); // or one of those below may be the first with this key
      run.submitAll(List.of(run.op(shop).withKey(twin.name()), run.op(other).withKey(twin.name())));
    });
    faults.add(() -> {
      Call call = taken.get();
      String forged = "{\"event\":\"message.ack\"}";
      // Until somebody looks at it: 503 is no answer to what it says.
      Campaign.until(
          () -> run.reports().send(shop, call.key(), 3, forged, "00", false) / 100 == 4,
          ofSeconds(60));
    });
    return faults;
  }
}
