package dev.postrider.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.app.AppStore;
import dev.postrider.app.Apps;
import dev.postrider.app.SenderStore;
import dev.postrider.circuit.CircuitStore.Outage;
import dev.postrider.circuit.Order.Forced;
import dev.postrider.platform.Node;
import dev.postrider.platform.Secret;
import dev.postrider.platform.secret.MasterKey;
import dev.postrider.platform.secret.Vault;
import dev.postrider.queue.Dispatcher;
import dev.postrider.queue.TestSettings;
import dev.postrider.testing.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What is told of a sender's circuit, of all that its nodes see and people order. */
class OutagesTest {
  private static final TestDatabase DATABASE = TestDatabase.migrated();
  private static final String ONE = "00000000-0000-0000-0000-000000000001";
  private static final String OTHER = "00000000-0000-0000-0000-000000000002";
  private static final Instant EARLIER = Instant.parse("2026-11-25T12:00:00Z");

  private final JdbcClient jdbc = DATABASE.jdbc();
  private final CircuitStore store = new CircuitStore(jdbc);
  private final Apps apps =
      new Apps(
          new AppStore(jdbc),
          new SenderStore(jdbc, new Vault(MasterKey.parse(new Secret(MasterKey.generate())))),
          InstantSource.system());

  @BeforeEach
  void empty() {
    jdbc.sql("truncate circuits, circuit_orders, circuit_outages").update();
  }

  private void open(String node, long sender, Instant since, String code) {
    store.report(node, Map.of(sender, new Circuit.Standing("open", since, since, code, 1)));
  }

  private static void begins(List<Outage> told, String code) {
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().begins()).isTrue();
    assertThat(told.getFirst().code()).isEqualTo(code);
  }

  private static void ends(List<Outage> told) {
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().begins()).isFalse();
  }

  @Test
  void beginsOnTheFirstNodeAndEndsOnTheLast() {
    open(OTHER, 7, EARLIER.plusSeconds(1), "timeout");
    open(ONE, 7, EARLIER, "busy");
    List<Outage> told = store.outages();
    begins(told, "busy");
    assertThat(told.getFirst().at()).isEqualTo(EARLIER);
    store.closed(ONE, Set.of(7L));
    assertThat(store.outages()).as("still open on a node").isEmpty();
    store.closed(OTHER, Set.of(7L));
    ends(store.outages());
    assertThat(store.outages()).isEmpty();
  }

  @Test
  void aNodeThatDiedEndsItWithItsReport() {
    open(ONE, 7, EARLIER, "busy");
    begins(store.outages(), "busy");
    age(CircuitStore.FRESH);
    assertThat(store.outages()).as("nobody could report, when the database was away").isEmpty();
    age(CircuitStore.FRESH.multipliedBy(4));
    store.forget();
    ends(store.outages());
  }

  /** While the database was away nobody renewed a report: its owner does, before it forgets. */
  @Test
  void anOutageOfTheDatabaseIsNoEndOfAProvidersOutage() {
    for (int round = 0; round < ReportCircuits.FORGET; round++) {
      AtomicBoolean away = new AtomicBoolean();
      CircuitStore shaky =
          new CircuitStore(jdbc) {
            @Override
            Map<Long, Order> orders() {
              if (away.get()) {
                throw new IllegalStateException("the database is away");
              }
              return super.orders();
            }
          };
      Circuits circuits = TestCircuits.of(shaky, new Dispatcher(TestSettings.queue()));
      ReportCircuits report =
          new ReportCircuits(
              circuits, shaky, apps, new CircuitMetrics(new SimpleMeterRegistry()), new Node());
      circuits.follow();
      circuits.putOff(7, Duration.ofHours(1), "busy", System.nanoTime());
      for (int i = 0; i <= round; i++) {
        report.runOnce();
      }
      store.outages();
      away.set(true);
      assertThatThrownBy(report::runOnce).hasMessageContaining("away");
      age(Duration.ofMinutes(2));
      away.set(false);
      report.runOnce();
      assertThat(store.outages()).as("after %s rounds", round).isEmpty();
      empty();
    }
  }

  private void age(Duration by) {
    jdbc.sql("update circuits set seen_at = seen_at - :by * interval '1 second'")
        .param("by", by.toSeconds())
        .update();
  }

  @Test
  void whatAPersonOrdersCountsMore() {
    store.order(7, Forced.OPEN);
    begins(store.outages(), "forced_open");
    open(ONE, 7, EARLIER, "busy");
    assertThat(store.outages()).as("open as before").isEmpty();
    store.order(7, Forced.CLOSED);
    ends(store.outages());
    open(ONE, 7, EARLIER, "busy");
    assertThat(store.outages()).as("calls are made").isEmpty();
    store.order(7, null);
    open(ONE, 7, EARLIER, "busy");
    begins(store.outages(), "busy");
  }

  /** All nodes look every second. */
  @Test
  void isToldOnceWhoeverLooks() throws InterruptedException {
    for (int round = 0; round < 20; round++) {
      open(ONE, 7, EARLIER, "busy");
      open(ONE, 8, EARLIER, "busy");
      assertThat(atOnce()).as("begins").hasSize(2).allMatch(Outage::begins);
      store.closed(ONE, Set.of(7L, 8L));
      assertThat(atOnce()).as("ends").hasSize(2).noneMatch(Outage::begins);
    }
  }

  private static List<Outage> atOnce() throws InterruptedException {
    List<Outage> told = new CopyOnWriteArrayList<>();
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> nodes =
        IntStream.range(0, 4)
            .mapToObj(_ ->
                Thread.ofVirtual()
                    .start(() -> {
                      CircuitStore its = new CircuitStore(DATABASE.jdbc());
                      try {
                        start.await();
                        told.addAll(its.outages());
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                    }))
            .toList();
    start.countDown();
    for (Thread node : nodes) {
      node.join();
    }
    return told;
  }
}
