package dev.postrider.delivery;

import dev.postrider.channel.ReceiptArrived;
import dev.postrider.delivery.AttemptStore.Owner;
import dev.postrider.message.ProgressStore;
import dev.postrider.message.StatusChange;
import dev.postrider.message.StatusListener;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes receipts in. Each kind sets its time once, so order and repetition do not matter; a receipt
 * reaches only messages that went out through the sender it came in by; one for an id we do not
 * know yet waits for it.
 */
@Wired
public class ApplyReceipts {
  private final Transactions transactions;
  private final AttemptStore attempts;
  private final OrphanStore orphans;
  private final ProgressStore progress;
  private final DeliveryMetrics metrics;
  private final List<StatusListener> listeners;

  public ApplyReceipts(
      Transactions transactions,
      AttemptStore attempts,
      OrphanStore orphans,
      ProgressStore progress,
      DeliveryMetrics metrics,
      List<StatusListener> listeners) {
    this.transactions = transactions;
    this.attempts = attempts;
    this.orphans = orphans;
    this.progress = progress;
    this.metrics = metrics;
    this.listeners = listeners;
  }

  /** Durable when this returns. */
  void apply(List<ReceiptArrived> receipts) {
    transactions.run(() -> {
      List<@Nullable Owner> owners = attempts.owners(receipts);
      List<ReceiptArrived> orphaned = new ArrayList<>();
      for (int i = 0; i < receipts.size(); i++) {
        if (owners.get(i) == null) {
          orphaned.add(receipts.get(i));
        }
      }
      if (!orphaned.isEmpty()) {
        orphans.keep(orphaned);
      }
      tell(note(receipts, owners));
    });
    receipts.forEach(arrived -> metrics.receipt(arrived.receipt().kind()));
  }

  /**
   * A receipt may settle a message that waits to be looked up or sent again. Its job stays: whoever
   * claims it finds nothing left to do. (Jobs are locked before messages everywhere.)
   */
  private List<StatusChange> note(List<ReceiptArrived> receipts, List<@Nullable Owner> owners) {
    List<ProgressStore.Told> told = new ArrayList<>();
    for (int i = 0; i < receipts.size(); i++) {
      Owner owner = owners.get(i);
      if (owner != null) {
        told.add(new ProgressStore.Told(owner.app(), owner.messageId(), receipts.get(i).receipt()));
      }
    }
    return told.isEmpty() ? List.of() : progress.receipts(told);
  }

  /** Inside the transaction that made these ids known: receipts that were waiting for them. */
  List<StatusChange> adopt(List<Attempt> known) {
    List<Attempt> named =
        known.stream().filter(attempt -> attempt.providerMessageId() != null).toList();
    if (named.isEmpty()) {
      return List.of();
    }
    return join(
        orphans.adopt(
            named.stream().map(Attempt::senderId).toList(),
            named.stream().map(it -> Objects.requireNonNull(it.providerMessageId())).toList()));
  }

  /** Joins receipts that crossed with the end of their attempt; returns how many. */
  int joinCrossed(int limit) {
    return transactions.call(() -> {
      List<ReceiptArrived> crossed = orphans.adoptCrossed(limit);
      tell(join(crossed));
      return crossed.size();
    });
  }

  private List<StatusChange> join(List<ReceiptArrived> found) {
    return found.isEmpty() ? List.of() : note(found, attempts.owners(found));
  }

  private void tell(List<StatusChange> changes) {
    if (!changes.isEmpty()) {
      listeners.forEach(listener -> listener.changed(changes));
    }
  }
}
