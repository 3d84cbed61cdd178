package dev.postrider.circuit;

import dev.postrider.app.Apps;
import dev.postrider.app.SenderId;
import dev.postrider.circuit.CircuitState.NodeState;
import dev.postrider.platform.Wired;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What all nodes together know of circuits. */
@Wired
public class FindCircuits {
  private final CircuitStore store;
  private final Circuits circuits;
  private final Apps apps;

  public FindCircuits(CircuitStore store, Circuits circuits, Apps apps) {
    this.store = store;
    this.circuits = circuits;
    this.apps = apps;
  }

  public CircuitState find(long sender) {
    return find(List.of(sender)).getFirst();
  }

  /** Those that are not closed everywhere, by sender; after this one. */
  List<CircuitState> notable(long after, int limit) {
    return find(store.notable(after, limit));
  }

  private List<CircuitState> find(List<Long> senders) {
    Map<Long, List<NodeState>> reports = store.reports(senders);
    return senders.stream()
        .map(sender ->
            CircuitState.of(
                sender,
                app(sender),
                circuits.order(sender),
                reports.getOrDefault(sender, List.of())))
        .toList();
  }

  private @Nullable Long app(long sender) {
    return apps.sender(new SenderId(sender)).map(it -> it.app().value()).orElse(null);
  }
}
