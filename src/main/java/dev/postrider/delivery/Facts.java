package dev.postrider.delivery;

import dev.postrider.app.Apps;
import dev.postrider.circuit.CircuitState;
import dev.postrider.message.Dispatch;
import dev.postrider.message.LogEntry;
import dev.postrider.message.StoredMessage;
import dev.postrider.queue.JobQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a message: its rows of one moment, and what is remembered of its sender.
 *
 * @param last its newest attempt that ended
 * @param arrivals its attempts that arrived, or may have
 * @param reports whether its provider tells what became of what it took
 * @param job its job, as long as there is something to do
 * @param waiting what is asked only while there is
 * @param end what is asked only when it has ended
 */
record Facts(
    StoredMessage stored,
    Instant now,
    Optional<Attempt> last,
    List<Attempt> arrivals,
    boolean reports,
    Optional<JobQueue.Standing> job,
    Optional<Waiting> waiting,
    Optional<End> end) {

  /**
   * The attempts whose end nobody saw, but for the one that is known to have got through.
   *
   * <p>Where it must not be repeated, one that was queued again after its node died had not begun.
   */
  List<Integer> mayHaveArrived() {
    List<Attempt> doubtful =
        arrivals.stream()
            .filter(it -> !isAccepted(it))
            .filter(it ->
                !stored.message().hold()
                    || it.outcome() != Attempt.Outcome.CRASH
                    || it.retryAt() == null)
            .toList();
    boolean got =
        stored.dispatch() == Dispatch.HANDED_OFF
            || stored.deliveredAt() != null
            || stored.readAt() != null;
    boolean settled = got && arrivals.stream().noneMatch(Facts::isAccepted);
    Optional<Attempt> known =
        doubtful.stream()
            .filter(it -> it.outcome() == Attempt.Outcome.LEASE_LOST)
            .filter(it -> it.providerMessageId() != null)
            .filter(it -> Objects.equals(it.providerMessageId(), stored.providerMessageId()))
            .findFirst()
            // A receipt says that one got through, and not always which.
            .or(() -> doubtful.size() == 1 ? Optional.of(doubtful.getFirst()) : Optional.empty())
            .filter(_ -> settled);
    return doubtful.stream()
        .filter(it -> !known.equals(Optional.of(it)))
        .map(Attempt::number)
        .toList();
  }

  /** The code it ended with; what the message itself says may be of a receipt that came later. */
  @Nullable String endCode() {
    return end.flatMap(End::step).map(LogEntry::code).orElse(stored.code());
  }

  private static boolean isAccepted(Attempt attempt) {
    return attempt.outcome() == Attempt.Outcome.ACCEPTED;
  }

  /**
   * What stands between a message and its next step.
   *
   * @param sender whether there is one that can be used
   * @param holds what holds it now, first what a person has to end; of a sender that cannot be used
   *     only that
   * @param quiet which quiet hours would hold it at another moment
   * @param uncertainFor for how long a message that must not be repeated is looked up
   * @param looksUp whether its provider can be asked for it
   * @param rests for how long this node calls its provider no more
   * @param maxCrashes so many deaths of nodes that had it end it
   */
  record Waiting(
      Sender sender,
      List<Hold> holds,
      CircuitState circuit,
      Optional<Apps.Paced> pace,
      JobQueue.Turn turn,
      Function<Instant, Optional<Hold>> quiet,
      Duration uncertainFor,
      boolean looksUp,
      Duration rests,
      int maxCrashes) {}

  /** Whether a message's sender can be used. */
  enum Sender {
    THERE,
    DELETED,
    /** Its credentials do not open: another master key has sealed them. */
    SEALED
  }

  /**
   * How it ended.
   *
   * @param step the step that ended it
   * @param hold what held it last before; empty when nothing did
   * @param sentAgainAs the message that was made by sending it again
   */
  record End(Optional<LogEntry> step, Optional<String> hold, Optional<Long> sentAgainAs) {}
}
