package dev.postrider.circuit;

import dev.postrider.app.AppId;
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
    Map<SenderId, AppId> owners = apps.owners(senders.stream().map(SenderId::new).toList());
    return senders.stream()
        .map(sender ->
            CircuitState.of(
                sender,
                app(owners.get(new SenderId(sender))),
                circuits.order(sender),
                reports.getOrDefault(sender, List.of())))
        .toList();
  }

  private static @Nullable Long app(@Nullable AppId owner) {
    return owner == null ? null : owner.value();
  }
}
