package dev.postrider.campaign;

import dev.postrider.campaign.Journals.Reported;
import dev.postrider.simulator.WahaSimulator;
import dev.postrider.simulator.WahaSimulator.Call;
import dev.postrider.testing.Api;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The provider's receipts: reported to any node, again until one takes them, in the order and
 * number the habit says. Each is journalled with how it was met.
 */
final class Reports {
  /** The acks of WAHA, by their number. */
  private static final Map<Integer, String> KINDS =
      Map.of(-1, "failed", 1, "sent", 2, "delivered", 3, "read");

  /** How a provider reports. */
  enum Habit {
    /** It does not. */
    NEVER,
    /** Delivered, a moment after it was taken. */
    PLAIN,
    /** Any of them, in any order, some twice, some before the send is even answered. */
    WILD
  }

  private final Supplier<List<Api>> nodes;
  private final Function<String, Tenant> tenants;
  private final Journal journal;
  private final Random random;
  private final Map<Thread, Boolean> underWay = new ConcurrentHashMap<>();
  private final AtomicInteger early = new AtomicInteger();
  private final AtomicInteger turn = new AtomicInteger();
  private volatile Habit habit = Habit.NEVER;

  Reports(
      Supplier<List<Api>> nodes, Function<String, Tenant> tenants, Journal journal, Random random) {
    this.nodes = nodes;
    this.tenants = tenants;
    this.journal = journal;
    this.random = random;
  }

  void habit(Habit wanted) {
    habit = wanted;
  }

  /** Receipts that were reported before the send they tell of was answered. */
  int early() {
    return early.get();
  }

  /** A message was taken; its send has not been answered yet. */
  void taken(Call call) {
    switch (habit) {
      case NEVER -> {}
      case PLAIN -> later(call, List.of(2), Duration.ofMillis(20));
      case WILD -> wild(call);
    }
  }

  private void wild(Call call) {
    List<Integer> acks = new ArrayList<>();
    boolean first;
    synchronized (random) {
      for (int ack : List.of(1, 2, 3)) {
        for (int times = random.nextInt(3); times > 0; times--) {
          acks.add(ack);
        }
      }
      if (random.nextInt(10) == 0) {
        acks.add(-1);
      }
      Collections.shuffle(acks, random);
      first = random.nextInt(4) == 0;
    }
    if (first && !acks.isEmpty()) {
      early.incrementAndGet();
      report(call, acks.removeFirst());
    }
    later(call, acks, Duration.ofMillis(300));
  }

  private void later(Call call, List<Integer> acks, Duration within) {
    for (int ack : acks) {
      long wait;
      synchronized (random) {
        wait = random.nextLong(within.toNanos() + 1);
      }
      Thread reporter =
          Thread.ofVirtual()
              .unstarted(() -> {
                LockSupport.parkNanos(wait);
                try {
                  reportUntilTaken(call, ack);
                } finally {
                  underWay.remove(Thread.currentThread());
                }
              });
      underWay.put(reporter, true);
      reporter.start();
    }
  }

  private void reportUntilTaken(Call call, int ack) {
    for (int i = 0; i < 300 && report(call, ack) != 200; i++) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
    }
  }

  /** Reports once; returns how it was met, 0 where nobody answered. */
  int report(Call call, int ack) {
    Tenant tenant = tenants.apply(call.session());
    String body =
        WahaSimulator.ack(call.session(), "true_" + call.chatId() + "_" + call.key(), ack);
    return send(tenant, call.key(), ack, body, WahaSimulator.hmac(body, tenant.hmacKey()), true);
  }

  /** Sends a callback with this signature to a tenant's address; returns how it was met. */
  int send(
      Tenant tenant, String providerId, int ack, String body, String signature, boolean genuine) {
    List<Api> all = nodes.get();
    Api node = all.get(Math.floorMod(turn.getAndIncrement(), all.size()));
    int status;
    try {
      status =
          node.as(null)
              .send(
                  "POST",
                  "/hooks/waha/" + tenant.sender(),
                  body.getBytes(StandardCharsets.UTF_8),
                  signature.isEmpty()
                      ? Map.of()
                      : Map.of("X-Webhook-Hmac", signature, "X-Webhook-Hmac-Algorithm", "sha512"))
              .status();
    } catch (UncheckedIOException _) {
      status = 0;
    }
    journal.write(
        new Reported(
            Instant.now(),
            tenant.sender(),
            providerId,
            KINDS.getOrDefault(ack, "other"),
            genuine,
            status));
    return status;
  }

  /** Waits until every receipt was taken. */
  void settle() {
    for (Thread reporter : List.copyOf(underWay.keySet())) {
      try {
        reporter.join(Duration.ofSeconds(60));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
