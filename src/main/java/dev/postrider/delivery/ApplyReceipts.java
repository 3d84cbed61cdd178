package dev.postrider.delivery;

import dev.postrider.channel.Receipt;
import dev.postrider.message.ProgressStore;
import dev.postrider.message.StatusChange;
import dev.postrider.message.StatusListener;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

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
  public void apply(long senderId, List<Receipt> receipts) {
    if (receipts.isEmpty()) {
      return;
    }
    transactions.run(() -> {
      List<StatusChange> changes = new ArrayList<>();
      receipts.stream()
          .sorted(Comparator.comparing(Receipt::providerMessageId))
          .forEach(receipt -> changes.addAll(take(senderId, receipt)));
      tell(changes);
    });
    receipts.forEach(receipt -> metrics.receipt(receipt.kind()));
  }

  private List<StatusChange> take(long senderId, Receipt receipt) {
    return attempts
        .owner(senderId, receipt.providerMessageId())
        .map(owner -> note(owner, receipt))
        .orElseGet(() -> {
          orphans.keep(senderId, receipt);
          return List.of();
        });
  }

  /**
   * A receipt may settle a message that waits to be looked up or sent again. Its job stays: whoever
   * claims it finds nothing left to do. (Jobs are locked before messages everywhere.)
   */
  private List<StatusChange> note(AttemptStore.Owner owner, Receipt receipt) {
    return progress
        .receipt(owner.app(), owner.messageId(), receipt.kind(), receipt.at(), receipt.detail())
        .stream()
        .toList();
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
      List<OrphanStore.Orphan> crossed = orphans.adoptCrossed(limit);
      tell(join(crossed));
      return crossed.size();
    });
  }

  private List<StatusChange> join(List<OrphanStore.Orphan> found) {
    List<StatusChange> changes = new ArrayList<>();
    for (OrphanStore.Orphan orphan : found) {
      attempts
          .owner(orphan.senderId(), orphan.receipt().providerMessageId())
          .ifPresent(owner -> changes.addAll(note(owner, orphan.receipt())));
    }
    return changes;
  }

  private void tell(List<StatusChange> changes) {
    if (!changes.isEmpty()) {
      listeners.forEach(listener -> listener.changed(changes));
    }
  }
}
