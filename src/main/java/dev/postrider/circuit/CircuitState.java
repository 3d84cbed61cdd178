package dev.postrider.circuit;

import dev.postrider.circuit.Order.Forced;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sender's circuit as all nodes together have it.
 *
 * @param appId whose sender it is; null where it was deleted meanwhile
 * @param state "closed", "open", "half_open" where one node has it so; or what a person ordered:
 *     "forced_open", "forced_closed"
 * @param ordered since when a person holds it; null when nobody does
 * @param nodes those where it is not closed
 */
public record CircuitState(
    long senderId,
    @Nullable Long appId,
    String state,
    @Nullable Instant ordered,
    List<NodeState> nodes) {

  /** One node's. */
  public record NodeState(
      String node, String state, Instant since, Instant until, String code, int openings) {}

  /** Of which nothing is known. */
  public static CircuitState closed(long sender) {
    return of(sender, null, null, List.of());
  }

  static CircuitState of(
      long sender, @Nullable Long app, @Nullable Order order, List<NodeState> nodes) {
    Forced forced = order == null ? null : order.forced();
    return new CircuitState(
        sender,
        app,
        forced == null ? worst(nodes) : "forced_" + forced.word(),
        order == null || forced == null ? null : order.at(),
        nodes);
  }

  private static String worst(List<NodeState> nodes) {
    if (nodes.isEmpty()) {
      return "closed";
    }
    return nodes.stream().anyMatch(it -> it.state().equals("open")) ? "open" : "half_open";
  }

  /** Whether a person keeps it closed, whatever happens. Not "is": that would be a field. */
  public boolean staysClosed() {
    return state.equals("forced_" + Forced.CLOSED.word());
  }

  /** Whether a node holds messages back because of it, without anybody's order. */
  public boolean delays() {
    return state.equals("open") || state.equals("half_open");
  }

  /** Why it is open, for a person; without a full stop. */
  public String because(Instant now) {
    NodeState first = first();
    String next;
    if (!first.state().equals("open")) {
      next = "; one call is finding out whether it is back";
    } else if (first.until().isAfter(now)) {
      next = "; the next call is made at " + first.until();
    } else {
      next = "; the next message that is due finds out whether it is back";
    }
    return "Its sender's circuit is open since "
        + first.since()
        + ", because its provider answered "
        + first.code()
        + next;
  }

  /** When the next call is made, not before now. */
  public Instant next(Instant now) {
    return first().until().isAfter(now) ? first().until() : now;
  }

  /** The node that makes the next call first. */
  private NodeState first() {
    return nodes.stream().min(Comparator.comparing(NodeState::until)).orElseThrow();
  }
}
