package dev.postrider.circuit;

import dev.postrider.circuit.CircuitState.NodeState;
import dev.postrider.platform.Wired;
import java.util.List;
import java.util.Map;

/** What all nodes together know of circuits. */
@Wired
public class FindCircuits {
  private final CircuitStore store;
  private final Circuits circuits;

  public FindCircuits(CircuitStore store, Circuits circuits) {
    this.store = store;
    this.circuits = circuits;
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
                sender, circuits.order(sender), reports.getOrDefault(sender, List.of())))
        .toList();
  }
}
