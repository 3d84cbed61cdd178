package dev.postrider.circuit;

import dev.postrider.platform.Wired;
import java.util.List;

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
    return CircuitState.of(sender, circuits.order(sender), store.reports(sender));
  }

  /** Those that are not closed everywhere, by sender; after this one. */
  List<CircuitState> notable(long after, int limit) {
    return store.notable(after, limit).stream().map(this::find).toList();
  }
}
