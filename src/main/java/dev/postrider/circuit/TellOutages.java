package dev.postrider.circuit;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.app.SenderId;
import dev.postrider.circuit.CircuitStore.Outage;
import dev.postrider.event.EventType;
import dev.postrider.event.RecordEvents;
import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells an application that a sender of its own does not get through, and that it does again: once
 * each, whatever the number of nodes that see it, by whichever of them looks first. What a node
 * that died had open ends when its report is forgotten, after a minute.
 */
@Wired
public class TellOutages implements Loop {
  private final CircuitStore store;
  private final Apps apps;
  private final RecordEvents record;
  private final Transactions transactions;

  public TellOutages(
      CircuitStore store, Apps apps, RecordEvents record, Transactions transactions) {
    this.store = store;
    this.apps = apps;
    this.record = record;
    this.transactions = transactions;
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(1);
  }

  @Override
  public int runOnce() {
    transactions.run(this::tell);
    return 0;
  }

  private void tell() {
    List<Outage> outages = store.outages();
    Map<SenderId, AppId> owners =
        outages.isEmpty()
            ? Map.of()
            : apps.owners(outages.stream().map(it -> new SenderId(it.sender())).toList());
    record.record(
        outages.stream().flatMap(it -> change(it, owners.get(new SenderId(it.sender())))).toList());
  }

  /** None for a sender that has been deleted: there is nobody to tell. */
  private static Stream<RecordEvents.Change> change(Outage outage, @Nullable AppId owner) {
    return owner == null
        ? Stream.empty()
        : Stream.of(
            new RecordEvents.Change(
                owner,
                outage.begins() ? EventType.CIRCUIT_OPENED : EventType.CIRCUIT_CLOSED,
                outage.sender(),
                outage.at(),
                outage.code()));
  }
}
