package dev.postrider.delivery;

import dev.postrider.message.CampaignId;
import dev.postrider.message.CampaignStore;
import dev.postrider.message.Move;
import dev.postrider.message.ProgressStore;
import dev.postrider.message.StatusChange;
import dev.postrider.message.StatusListener;
import dev.postrider.platform.Correlation;
import dev.postrider.platform.GroupCommit;
import dev.postrider.platform.Node;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Text;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.Dispatcher;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.QueueSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes the ends of runs down, many to a transaction: jobs first, for they say who still holds a
 * lease, then attempts, messages with their log rows, and what listens to them. While the database
 * is away the results are kept and tried again until their leases end; their number is bounded by
 * what the dispatcher lets run.
 */
@Wired
public class SettleDeliveries implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SettleDeliveries.class);
  private static final int COMMITS_AT_ONCE = 1;
  private static final int BATCH = 512;

  /** Nobody waits for a settlement, and a commit shared by many costs each of them little. */
  private static final Duration LINGER = Duration.ofMillis(20);

  private static final Duration LAST_COMMIT = Duration.ofSeconds(5);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final Transactions transactions;
  private final JobQueue queue;
  private final AttemptStore attempts;
  private final ProgressStore progress;
  private final ApplyReceipts receipts;
  private final CampaignStore campaigns;
  private final Dispatcher dispatcher;
  private final Node node;

  /** For how long a result is kept and tried again: no lease holds for longer. */
  private final Duration longestLease;

  private final List<StatusListener> listeners;
  private final GroupCommit<Settlement, Boolean> group;

  public SettleDeliveries(
      Transactions transactions,
      JobQueue queue,
      AttemptStore attempts,
      ProgressStore progress,
      ApplyReceipts receipts,
      CampaignStore campaigns,
      Dispatcher dispatcher,
      Node node,
      QueueSettings settings,
      List<StatusListener> listeners) {
    this.transactions = transactions;
    this.queue = queue;
    this.attempts = attempts;
    this.progress = progress;
    this.receipts = receipts;
    this.campaigns = campaigns;
    this.dispatcher = dispatcher;
    this.node = node;
    this.longestLease = settings.longestLease();
    this.listeners = listeners;
    // The dispatcher bounds what can arrive here; twice that is never reached.
    this.group =
        new GroupCommit<>(
            "settle",
            new GroupCommit.Terms(
                COMMITS_AT_ONCE, settings.maxClaimed() * 2, BATCH, LINGER, Duration.ZERO),
            _ -> 1,
            this::commit);
  }

  /** Hands in the end of a run; its place in the dispatcher is free once it is durable. */
  void settle(Settlement settlement) {
    try {
      var _ =
          group
              .submit(settlement)
              .whenComplete((_, failure) -> {
                dispatcher.done(settlement.job());
                if (failure != null) {
                  lost(settlement, failure);
                }
              });
    } catch (Overloaded e) {
      dispatcher.done(settlement.job());
      lost(settlement, e);
    }
  }

  /** The result is gone, and the lease will run out: the rescue takes it from there. */
  private static void lost(Settlement settlement, Throwable failure) {
    about(log.atError(), settlement)
        .addKeyValue("cause", Text.cleaned(String.valueOf(failure), 300))
        .log("delivery.result_lost");
  }

  /** Which message a line speaks of: many share a commit, and its thread is no one's. */
  private static LoggingEventBuilder about(LoggingEventBuilder line, Settlement settlement) {
    LoggingEventBuilder named =
        line.addKeyValue("message_id", settlement.job().id())
            .addKeyValue("attempt", settlement.job().attempt());
    Correlation correlation = settlement.correlation();
    return correlation == null ? named : correlation.addTo(named);
  }

  private List<Boolean> commit(List<Settlement> settlements) {
    while (true) {
      try {
        return transactions.call(() -> write(settlements));
      } catch (RuntimeException e) {
        // The fault of one of them, or of ours: alone, it costs nobody else.
        if (!Transactions.isDatabaseTrouble(e)) {
          if (settlements.size() == 1) {
            throw e;
          }
          return settlements.stream().map(this::alone).toList();
        }
        long now = System.nanoTime();
        boolean leasesHold =
            settlements.stream().anyMatch(it -> it.job().age(now).compareTo(longestLease) < 0);
        if (!leasesHold) {
          throw e;
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private boolean alone(Settlement settlement) {
    try {
      return commit(List.of(settlement)).getFirst();
    } catch (RuntimeException e) {
      lost(settlement, e);
      return false;
    }
  }

  private List<Boolean> write(List<Settlement> settlements) {
    List<Settlement> inOrder =
        unlessResumed(settlements).stream()
            .sorted(Comparator.comparingLong(it -> it.job().id()))
            .toList();
    Set<Long> held = queue.finish(inOrder.stream().map(Settlement::finish).toList());
    List<Settlement> winners =
        inOrder.stream().filter(it -> held.contains(it.job().token())).toList();
    List<Attempt> journal =
        winners.stream().map(Settlement::attempt).filter(Objects::nonNull).toList();
    if (!journal.isEmpty()) {
      attempts.insert(journal, node.id());
    }
    List<Move> moves = winners.stream().map(Settlement::move).filter(Objects::nonNull).toList();
    List<StatusChange> changes = new ArrayList<>();
    if (!moves.isEmpty()) {
      changes.addAll(progress.move(moves));
      changes.addAll(receipts.adopt(journal));
    }
    inOrder.stream()
        .filter(it -> !held.contains(it.job().token()))
        .forEach(late -> changes.addAll(leaseLost(late)));
    if (!changes.isEmpty()) {
      listeners.forEach(listener -> listener.changed(changes));
    }
    return settlements.stream().map(it -> held.contains(it.job().token())).toList();
  }

  /**
   * What its campaign's pause is to hold is let go where somebody has resumed that meanwhile: who
   * wakes a campaign finds only what is held by then.
   */
  private List<Settlement> unlessResumed(List<Settlement> settlements) {
    Set<CampaignId> named =
        settlements.stream()
            .map(Settlement::heldBy)
            .filter(Objects::nonNull)
            .collect(Collectors.toSet());
    if (named.isEmpty()) {
      return settlements;
    }
    Set<CampaignId> paused = campaigns.pausedMeanwhile(named);
    return settlements.stream()
        .map(it -> it.heldBy() == null || paused.contains(it.heldBy()) ? it : it.letGo())
        .toList();
  }

  /**
   * Somebody else has its job now. What the provider said counts all the same: that it took the
   * message settles one that must not be repeated, or waits to be, and names the id that receipts
   * will come with.
   */
  private List<StatusChange> leaseLost(Settlement late) {
    about(log.atWarn(), late).log("delivery.lease_lost");
    Attempt attempt = late.attempt();
    if (attempt == null || !attempts.leaseLost(attempt)) {
      return List.of();
    }
    List<StatusChange> changes = new ArrayList<>();
    if (attempt.outcome() == Attempt.Outcome.ACCEPTED && late.move() != null) {
      changes.addAll(progress.move(Verdicts.arrived(late.job(), late.move())));
    }
    changes.addAll(receipts.adopt(List.of(attempt)));
    return changes;
  }

  /** A stop has waited for these results already: where the database is away, they are lost. */
  @Override
  public void close() {
    group.close(LAST_COMMIT);
  }
}
