package dev.postrider.delivery;

import dev.postrider.app.AppId;
import dev.postrider.message.Dispatch;
import dev.postrider.message.MessageStore;
import dev.postrider.message.MessageStore.Ending;
import dev.postrider.message.Move;
import dev.postrider.message.ProgressStore;
import dev.postrider.message.StatusChange;
import dev.postrider.message.StatusListener;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.JobStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;

/** Ends messages whose deadline has passed while nobody had them claimed. */
@Wired
class ExpireMessages {
  /** So many end in one transaction. */
  static final int PAGE = 500;

  /** Those that find no room are met again in a moment, as are those that could not be ended. */
  private static final int MOST_MET = 10_000;

  /** Why a message expired before others let it go. */
  static final String LATER = "its turn would have come later";

  private final JobStore jobs;
  private final MessageStore messages;
  private final ProgressStore progress;
  private final Transactions transactions;
  private final List<StatusListener> listeners;

  /** What claims have met and moved beyond its deadline, which had passed. */
  private final BlockingQueue<Ending> met = new LinkedBlockingQueue<>(MOST_MET);

  ExpireMessages(
      JobStore jobs,
      MessageStore messages,
      ProgressStore progress,
      Transactions transactions,
      List<StatusListener> listeners) {
    this.jobs = jobs;
    this.messages = messages;
    this.progress = progress;
    this.transactions = transactions;
    this.listeners = listeners;
  }

  /**
   * Inside the claim's transaction: these wait for others of their order. Claims move them out of
   * the way before their lane has kept them waiting for long, so nobody else would find them.
   */
  void moved(List<JobQueue.Moved> moved) {
    List<Ending> ending =
        messages.endingBefore(
            moved.stream().map(job -> new AppId(job.appId())).toList(),
            moved.stream().map(JobQueue.Moved::id).toList(),
            moved.stream().map(JobQueue.Moved::until).toList());
    if (!ending.isEmpty()) {
      jobs.bringForward(
          DeliverMessages.KIND,
          ending.stream().collect(Collectors.toMap(Ending::id, Ending::expiresAt)));
      List<Ending> passed = ending.stream().filter(Ending::passed).toList();
      // Until then nobody else gets their jobs.
      Transactions.afterCommit(() -> passed.forEach(met::offer));
    }
  }

  /** Ends what claims have met since the last time. */
  void expireMet() {
    List<Ending> page = new ArrayList<>();
    while (met.drainTo(page, PAGE) > 0) {
      expire(
          page.stream().map(Ending::app).toList(), page.stream().map(Ending::id).toList(), LATER);
      page.clear();
    }
  }

  /**
   * Looks at these, in the open transaction where there is one.
   *
   * @param apps whose each of them is
   * @param why what is said of those that did not last
   */
  void expire(List<AppId> apps, List<Long> ids, String why) {
    List<Ending> overdue = messages.overdue(apps, ids);
    if (!overdue.isEmpty()) {
      transactions.run(() -> end(overdue, why));
    }
  }

  private void end(List<Ending> overdue, String why) {
    Set<Long> locked =
        Set.copyOf(
            jobs.lockUnclaimed(DeliverMessages.KIND, overdue.stream().map(Ending::id).toList()));
    // Read once more: with its job locked only what a provider says can still move a message.
    List<Ending> ours = overdue.stream().filter(it -> locked.contains(it.id())).toList();
    List<Move> moves =
        messages
            .overdue(
                ours.stream().map(Ending::app).toList(), ours.stream().map(Ending::id).toList())
            .stream()
            .map(message -> expired(message, why))
            .toList();
    List<StatusChange> changes = moves.isEmpty() ? List.of() : progress.move(moves);
    if (!changes.isEmpty()) {
      // One that a receipt has moved meanwhile keeps its job: whoever claims it finds its end.
      jobs.remove(DeliverMessages.KIND, changes.stream().map(StatusChange::messageId).toList());
      listeners.forEach(listener -> listener.changed(changes));
    }
  }

  private static Move expired(Ending message, String why) {
    return new Move(
        message.app(),
        message.id(),
        message.dispatch(),
        Dispatch.EXPIRED,
        "expired",
        0,
        "expired",
        why,
        null);
  }
}
