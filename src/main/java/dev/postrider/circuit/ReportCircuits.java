package dev.postrider.circuit;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.app.SenderId;
import dev.postrider.platform.Loop;
import dev.postrider.platform.Node;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Follows what people order, and tells the other nodes, and whoever asks, which circuits are not
 * closed here.
 */
@Wired
public class ReportCircuits implements Loop {
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final int REPEATED = 5;
  static final int FORGET = 60;

  private final Circuits circuits;
  private final CircuitStore store;
  private final Apps apps;
  private final CircuitMetrics metrics;
  private final String node;
  private Map<Long, Circuit.Standing> told = Map.of();
  private int rounds;

  public ReportCircuits(
      Circuits circuits, CircuitStore store, Apps apps, CircuitMetrics metrics, Node node) {
    this.apps = apps;
    this.circuits = circuits;
    this.store = store;
    this.metrics = metrics;
    this.node = node.id().toString();
  }

  @Override
  public Duration every() {
    return EVERY;
  }

  @Override
  public int runOnce() {
    try {
      follow();
    } catch (RuntimeException e) {
      // Nothing was renewed meanwhile: all is told again before what is old is forgotten.
      rounds = 0;
      throw e;
    }
    return 0;
  }

  private void follow() {
    circuits.follow();
    Map<Long, Circuit.Standing> now = circuits.standing();
    metrics.open(now.size());
    boolean repeat = rounds++ % REPEATED == 0;
    if (rounds % FORGET == 0) {
      store.forget();
    }
    if (!now.isEmpty() || !told.isEmpty()) {
      report(now, repeat);
    }
    if (repeat) {
      freeDeleted();
    }
  }

  private void report(Map<Long, Circuit.Standing> now, boolean repeat) {
    Map<Long, Circuit.Standing> news = new HashMap<>(now);
    if (!repeat) {
      news.entrySet().removeIf(it -> it.getValue().equals(told.get(it.getKey())));
    }
    store.report(node, news);
    Set<Long> closed = new HashSet<>(told.keySet());
    closed.removeAll(now.keySet());
    if (!closed.isEmpty()) {
      store.closed(node, closed);
    }
    told = now;
  }

  /** Nobody could take back an order about a sender that is gone, itself or its application. */
  private void freeDeleted() {
    Set<SenderId> forced =
        circuits.forced().stream().map(SenderId::new).collect(Collectors.toSet());
    if (forced.isEmpty()) {
      return;
    }
    // All together: this is the loop that follows orders within a second.
    Map<SenderId, AppId> owners = apps.owners(forced);
    Set<AppId> deleted = apps.deletedAmong(owners.values());
    for (SenderId sender : forced) {
      AppId owner = owners.get(sender);
      if (owner == null || deleted.contains(owner)) {
        store.order(sender.value(), null);
      }
    }
  }
}
