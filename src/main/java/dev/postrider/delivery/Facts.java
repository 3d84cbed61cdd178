package dev.postrider.delivery;

import dev.postrider.app.Apps;
import dev.postrider.circuit.CircuitState;
import dev.postrider.message.LogEntry;
import dev.postrider.message.StoredMessage;
import dev.postrider.queue.JobQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What is known of a message, all of one moment.
 *
 * @param last its newest attempt that ended
 * @param mayHaveArrived the numbers of attempts whose end nobody saw, without the one that is known
 *     to have got through
 * @param reports whether its provider tells what became of what it took
 * @param job its job, as long as there is something to do
 * @param waiting what is asked only while there is
 * @param end what is asked only when it has ended
 */
record Facts(
    StoredMessage stored,
    Instant now,
    Optional<Attempt> last,
    List<Integer> mayHaveArrived,
    boolean reports,
    Optional<JobQueue.Standing> job,
    Optional<Waiting> waiting,
    Optional<End> end) {

  /**
   * What stands between a message and its next step.
   *
   * @param sender whether there is one that can be used
   * @param holds what holds it now, first what a person has to end
   * @param quiet which quiet hours would hold it at another moment
   * @param uncertainFor for how long a message that must not be repeated is looked up
   * @param looksUp whether its provider can be asked for it
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
