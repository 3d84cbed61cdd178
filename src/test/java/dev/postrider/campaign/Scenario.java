package dev.postrider.campaign;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.postrider.campaign.PatchedBuild.Patch;
import dev.postrider.campaign.Reports.Habit;
import dev.postrider.simulator.WahaSimulator;
import dev.postrider.simulator.WahaSimulator.Call;
import dev.postrider.simulator.WahaSimulator.Mood;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A few seconds of trouble, small enough to run for every planted bug, and once without one. */
enum Scenario {
  KILL_BEHIND_A_SLOW_WIRE(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        int before = run.callers().accepted();
        run.node(0).wire().delay(ofMillis(80));
        run.callers().start(40, _ -> run.op(shop));
        Campaign.until(() -> run.callers().accepted() >= before + 40, ofSeconds(30));
        run.node(0).kill(); // while they call: what is on the wire then is what is asked about
        run.callers().enough();
        run.node(0).wire().heal();
        run.node(0).start();
      }),
  CUT_OFF(
      2,
      run -> {
        Tenant shop = run.tenant("shop");
        run.provider().takes(ofMillis(1800));
        run.ops(shop, 12).forEach(op -> run.callers().once(op, 1, run.node(0).api()));
        run.hurt("cut", "node-0 wire");
        run.node(0).wire().cut();
        // What it had under way arrives, and it cannot write that down. When it can, the other node
        // has taken them back and is at work on them.
        Campaign.until(() -> run.logged("jobs.rescued") > 0, ofSeconds(30));
        run.provider().takes(ofMillis(2500));
        run.node(0).wire().heal();
        Campaign.until(() -> run.logged("database.back") > 0, ofSeconds(30));
      }),
  FROZEN(
      2,
      run -> {
        Tenant shop = run.tenant("shop");
        run.pace(shop, 20);
        run.pause(shop);
        // The other node knows within five seconds.
        Campaign.last(ofSeconds(6));
        run.callers().all(run.ops(shop, 240).stream().map(Op::held).toList());
        run.resume(shop);
        // By now each has claimed what it starts within the next half second.
        Campaign.until(() -> run.provider().calls() >= 20, ofSeconds(30));
        run.node(0).freeze();
        Campaign.until(() -> run.logged("jobs.rescued") > 0, ofSeconds(60));
        // The other one is at work on what it has taken back.
        Campaign.last(ofSeconds(4));
        run.node(0).thaw();
        Campaign.last(ofSeconds(3));
      }),
  SLOW_PROVIDER(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        run.provider().takes(ofMillis(2500));
        run.callers().all(run.ops(shop, 20));
        Campaign.last(ofSeconds(3));
      }),
  BUSY(1, run -> run.callers().all(run.ops(run.tenant("shop"), 150))),
  STOP(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        // Some wait in memory yet when all have been told, however slow the machine.
        run.provider().takes(ofSeconds(1));
        run.callers().all(run.ops(shop, 150));
        run.node(0).stop();
        run.node(0).start();
      }),
  KILLED_AT_WORK(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        run.provider().takes(ofSeconds(2));
        run.callers().all(run.ops(shop, 20));
        run.node(0).kill();
        run.node(0).start();
      }),
  NEIGHBOURS(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        Tenant other = run.tenant("other");
        // At once: what is committed together belongs to both.
        List<Op> both = new ArrayList<>(run.ops(shop, 30));
        both.addAll(run.ops(other, 30));
        Collections.shuffle(both, run.random());
        run.callers().all(both);
      }),
  IN_ONE_LINE(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        run.provider().takes(ofMillis(20));
        run.pause(shop);
        for (int i = 0; i < 60; i++) {
          run.callers().all(List.of(run.op(shop).to("+4915123100000")));
        }
        run.resume(shop);
      }),
  FAILS_LATER(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        List<Call> taken = new CopyOnWriteArrayList<>();
        run.onTaken(taken::add);
        run.callers().all(run.ops(shop, 5));
        Campaign.until(() -> run.handedOff(shop) == 5, ofSeconds(30));
        run.snapshot();
        taken.forEach(call -> run.reports().report(call, -1));
      }),
  DOWN_UNTIL_IT_IS_TOO_LATE(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        run.provider().always(Mood.STATUS_503);
        Instant deadline = Instant.now().plusSeconds(3);
        run.callers().all(run.ops(shop, 5).stream().map(op -> op.until(deadline)).toList());
        Campaign.last(ofSeconds(21));
      }),
  TWINS(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        for (int i = 0; i < 20; i++) {
          run.callers().all(Collections.nCopies(20, run.op(shop)));
        }
      }),
  ASKED_AGAIN_TOO_LATE(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        Instant deadline = Instant.now().plusSeconds(3);
        List<Op> soon = run.ops(shop, 3).stream().map(op -> op.until(deadline)).toList();
        run.callers().all(soon);
        Campaign.last(ofSeconds(4));
        run.callers().all(soon);
      }),
  REUSED_KEY(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        Op first = run.op(shop);
        run.callers().all(List.of(first));
        run.callers().all(List.of(run.op(shop).withKey(first.name())));
      }),
  WILD_RECEIPTS(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        run.reports().habit(Habit.WILD);
        run.callers().all(run.ops(shop, 60));
        Campaign.last(ofSeconds(1));
      }),
  THIEF(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        Tenant thief = run.tenant("thief");
        List<Call> taken = new CopyOnWriteArrayList<>();
        run.onTaken(taken::add);
        run.callers().all(run.ops(shop, 3));
        Campaign.until(() -> taken.size() == 3, ofSeconds(30));
        Campaign.last(ofMillis(500));
        for (Call call : taken) {
          String own =
              WahaSimulator.ack(thief.session(), "true_" + call.chatId() + "_" + call.key(), 3);
          run.reports()
              .send(thief, call.key(), 3, own, WahaSimulator.hmac(own, thief.hmacKey()), true);
          String forged =
              WahaSimulator.ack(shop.session(), "true_" + call.chatId() + "_" + call.key(), 3);
          run.reports().send(shop, call.key(), 3, forged, "00", false);
        }
      }),
  RESETS(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        for (int i = 0; i < 5; i++) {
          run.provider().next(Mood.TAKE_AND_RESET, Mood.TAKE_AND_RESET);
          run.callers().all(List.of(run.op(shop).held(), run.op(shop)));
          Campaign.last(ofMillis(200));
        }
        run.provider().next(Mood.STATUS_400);
        run.callers().all(run.ops(shop, 2));
      }),
  TOLD_TO_WAIT(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        run.provider().retryAfter("3");
        run.provider().next(Mood.STATUS_429);
        run.callers().all(run.ops(shop, 1));
      }),
  SCHEDULED(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        Instant later = Instant.now().plusSeconds(8).truncatedTo(ChronoUnit.MILLIS);
        run.callers().all(run.ops(shop, 5).stream().map(op -> op.at(later)).toList());
        Long back = run.callers().once(run.op(shop).at(later), 1).messageId();
        int gone = run.cancel(shop, Objects.requireNonNull(back, "refused")) ? 5 : 6;
        Campaign.until(() -> run.handedOff(shop) == gone, ofSeconds(30));
      }),
  PACED(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        run.pace(shop, 2);
        run.callers().all(run.ops(shop, 24));
      }),
  PACED_BY_TWO(
      2,
      run -> {
        Tenant shop = run.tenant("shop");
        run.pace(shop, 2);
        run.pause(shop);
        // The other node knows within five seconds.
        Campaign.last(ofSeconds(6));
        run.callers().all(run.ops(shop, 30));
        run.resume(shop);
        Campaign.until(() -> run.handedOff(shop) == 30, ofSeconds(60));
      }),
  PROVIDER_DOWN(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        run.provider().always(Mood.STATUS_503);
        run.callers().start(40, _ -> run.op(shop));
        Campaign.last(ofSeconds(4));
        run.callers().rest();
      }),
  DATABASE_CUT(
      1,
      run -> {
        Tenant shop = run.tenant("shop");
        run.node(0).wire().cut();
        for (int i = 0; i < 5; i++) {
          run.callers().once(run.op(shop).withKey(null), 1);
        }
        run.node(0).wire().heal();
      });

  /**
   * Calls of three seconds at most, which the lease of these runs (17) just covers, as the default
   * covers those that are shipped: no call begins a lease of its own for its length.
   */
  static final List<Patch> SHORT_CALLS =
      List.of(
          new Patch(
              "queue/QueueSettings.java",
              "CALL = Duration.ofSeconds(15)",
              "CALL = Duration.ofSeconds(2)"),
          new Patch(
              "channel/waha/WahaProvider.java",
              "DEADLINE = Duration.ofSeconds(15)",
              "DEADLINE = Duration.ofSeconds(3)"),
          new Patch(
              "delivery/DeliverMessages.java",
              "MARGIN = Duration.ofSeconds(15)",
              "MARGIN = Duration.ofSeconds(14)"));

  private final int nodes;

  @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
  private final Consumer<Campaign> trouble;

  Scenario(int nodes, Consumer<Campaign> trouble) {
    this.nodes = nodes;
    this.trouble = trouble;
  }

  int nodes() {
    return nodes;
  }

  void play(Campaign run) {
    trouble.accept(run);
  }
}
