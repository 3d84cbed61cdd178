package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.JobHandler;
import dev.postrider.queue.JobQueue;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Calls a message back, or moves its time, as long as nobody has claimed it. */
@Wired
public class CancelMessage {
  private final MessageStore messages;
  private final ProgressStore progress;
  private final JobQueue queue;
  private final Transactions transactions;
  private final JobHandler<Outgoing> delivery;
  private final List<StatusListener> listeners;

  public CancelMessage(
      MessageStore messages,
      ProgressStore progress,
      JobQueue queue,
      Transactions transactions,
      JobHandler<Outgoing> delivery,
      List<StatusListener> listeners) {
    this.messages = messages;
    this.progress = progress;
    this.queue = queue;
    this.transactions = transactions;
    this.delivery = delivery;
    this.listeners = listeners;
  }

  StoredMessage cancel(AppId app, long id) {
    if (required(app, id).dispatch() != Dispatch.CANCELED) {
      transactions.run(() -> cancelWaiting(app, id));
    }
    return required(app, id);
  }

  private void cancelWaiting(AppId app, long id) {
    boolean waits = queue.cancel(delivery.kind(), id);
    // Read now: with its job locked only what a provider says can still move it.
    StoredMessage message = required(app, id);
    if (message.dispatch() == Dispatch.CANCELED) {
      return; // by somebody else, a moment ago
    }
    List<StatusChange> changes =
        waits && message.dispatch().canBecome(Dispatch.CANCELED)
            ? progress.move(List.of(canceled(app, id, message.dispatch())))
            : List.of();
    if (changes.isEmpty()) {
      throw tooLate(required(app, id)); // rolls the job's removal back
    }
    listeners.forEach(listener -> listener.changed(changes));
  }

  private static Move canceled(AppId app, long id, Dispatch from) {
    return new Move(app, id, from, Dispatch.CANCELED, "canceled", 0, null, null, null);
  }

  /**
   * Moves a message that waits.
   *
   * @param timing when it is due, and its deadline; where that is null, the one it has stays
   */
  StoredMessage reschedule(AppId app, long id, Timing timing) {
    Instant at = Objects.requireNonNull(timing.scheduledFor(), "a new time");
    checkDeadline(required(app, id), at, timing);
    transactions.run(() -> {
      if (!queue.reschedule(delivery.kind(), id, at)
          || !progress.reschedule(app, id, at, timing.expiresAt())) {
        // It may have been changed meanwhile: its turn has come, or its deadline was moved.
        StoredMessage now = required(app, id);
        checkDeadline(now, at, timing);
        throw tooLate(now);
      }
    });
    return required(app, id);
  }

  private static void checkDeadline(StoredMessage message, Instant at, Timing timing) {
    Instant deadline =
        timing.expiresAt() == null ? message.message().expiresAt() : timing.expiresAt();
    if (!at.isBefore(deadline)) {
      throw ProblemException.invalid(
          "scheduled_for",
          "must lie before the message's deadline, "
              + deadline
              + "; give expires_at or ttl_seconds for another");
    }
  }

  StoredMessage required(AppId app, long id) {
    return messages.find(app, id).orElseThrow(() -> ProblemException.notFound("message"));
  }

  private static ProblemException tooLate(StoredMessage message) {
    return ProblemException.of(
        Problem.CONFLICT,
        "The message is "
            + message.status().word()
            + "; only one that waits can be canceled or rescheduled.");
  }
}
