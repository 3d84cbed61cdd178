package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.platform.FairRoom;
import dev.postrider.platform.GroupCommit;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.DatabaseWatch;
import dev.postrider.platform.database.Transactions;
import dev.postrider.platform.idempotency.Idempotency;
import dev.postrider.platform.idempotency.IdempotencyKey;
import dev.postrider.platform.idempotency.IdempotencyStore;
import dev.postrider.platform.idempotency.StoredAnswer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Accepts messages: a caller is answered only after the commit that makes its messages durable, and
 * callers that come together share that commit.
 */
@Wired
public class AcceptMessages implements AutoCloseable {
  /**
   * The second one only for what comes in whole batches: PostgreSQL works on a commit with one
   * core.
   */
  private static final int COMMITS_AT_ONCE = 2;

  /** Before whoever was told to come again comes again. */
  private static final Duration WAIT = Duration.ofSeconds(2);

  private static final Duration FULL_WAIT = Duration.ofSeconds(10);

  private final IdempotencyStore keys;
  private final DatabaseWatch database;
  private final MessageMetrics metrics;
  private final GroupCommit<AcceptUnit, CommitMessages.Outcome> group;

  /** What applications have in the group's buffer, so that one with batches leaves some of it. */
  private final FairRoom shares;

  public AcceptMessages(
      CommitMessages commit,
      IdempotencyStore keys,
      DatabaseWatch database,
      MessageSettings settings,
      MessageMetrics metrics) {
    this.keys = keys;
    this.database = database;
    this.metrics = metrics;
    this.shares = new FairRoom(settings.acceptBuffer());
    this.group =
        new GroupCommit<>(
            "accept",
            new GroupCommit.Terms(
                COMMITS_AT_ONCE,
                settings.acceptBuffer(),
                settings.acceptBatch(),
                Duration.ZERO,
                settings.acceptWait()),
            AcceptUnit::weight,
            commit::commit);
  }

  /**
   * What stands or falls together: the messages of one request, its key and its answer.
   *
   * @param answer what the caller is told once it is committed
   */
  record AcceptUnit(@Nullable IdempotencyKey key, StoredAnswer answer, List<Message> messages) {
    int weight() {
      return Math.max(1, messages.size());
    }
  }

  /** The answer to an earlier request with this key, if there was one; 422 if it was another. */
  private @Nullable StoredAnswer replay(@Nullable IdempotencyKey key) {
    if (key == null) {
      return null;
    }
    checkDatabase();
    return keys.find(key)
        .map(known -> {
          Idempotency.checkSame(key, known.fingerprint());
          return known.answer();
        })
        .orElse(null);
  }

  /**
   * Composes a request's messages and commits them; returns the answer, and whether it was given
   * before. Its key is looked up only when the request cannot be composed: the commit itself finds
   * out whether the key was taken, without a round trip more.
   */
  Idempotency.Outcome accept(@Nullable IdempotencyKey key, Supplier<AcceptUnit> compose) {
    AcceptUnit unit;
    try {
      unit = compose.get();
    } catch (ProblemException | Overloaded e) {
      // What was accepted once need not be valid any more, or find room: its time may have passed.
      StoredAnswer known = replay(key);
      if (known == null) {
        if (e instanceof Overloaded) {
          metrics.refused();
        }
        throw e;
      }
      return new Idempotency.Outcome(known, true);
    }
    return accept(unit);
  }

  private Idempotency.Outcome accept(AcceptUnit unit) {
    if (unit.messages().isEmpty()) {
      StoredAnswer known = replay(unit.key());
      return new Idempotency.Outcome(known == null ? unit.answer() : known, known != null);
    }
    checkDatabase();
    long start = System.nanoTime();
    CommitMessages.Outcome outcome = await(unit);
    return outcomeOf(unit, outcome, start);
  }

  /**
   * Whether it is certain, after this was thrown, that nothing was stored. What broke in the middle
   * of a commit may have been stored all the same.
   */
  static boolean storedNothing(RuntimeException e) {
    return e instanceof Overloaded
        || (e instanceof ProblemException problem && !problem.isOutcomeUnknown())
        || Transactions.isOneToBlame(e)
        || Transactions.isFull(e)
        || Transactions.isWithoutConnection(e);
  }

  /** Whether this came from a commit of which nobody knows whether it took effect. */
  static boolean mayHaveStored(RuntimeException e) {
    return Transactions.isDatabaseTrouble(e) && !storedNothing(e);
  }

  private void checkDatabase() {
    if (database.isAway()) {
      throw ProblemException.retryLater(
          Problem.UNAVAILABLE,
          "The database is away; nothing was stored. Send it again in a moment.",
          WAIT);
    }
    if (database.isFull()) {
      throw ProblemException.retryLater(Problem.UNAVAILABLE, DatabaseWatch.NO_ROOM, FULL_WAIT);
    }
  }

  private Idempotency.Outcome outcomeOf(
      AcceptUnit unit, CommitMessages.Outcome outcome, long start) {
    return switch (outcome) {
      case CommitMessages.Outcome.Stored _ -> {
        metrics.accepted(unit.messages().size(), System.nanoTime() - start);
        yield new Idempotency.Outcome(unit.answer(), false);
      }
      case CommitMessages.Outcome.Twin _ -> {
        StoredAnswer answer = replay(unit.key());
        if (answer == null) {
          throw Idempotency.inProgress();
        }
        yield new Idempotency.Outcome(answer, true);
      }
      case CommitMessages.Outcome.Busy _ -> throw Idempotency.inProgress();
      case CommitMessages.Outcome.Failed(var why) -> throw why;
    };
  }

  private CommitMessages.Outcome await(AcceptUnit unit) {
    AppId app = unit.messages().getFirst().app();
    boolean mayWait = shares.take(app, unit.weight());
    try {
      if (!mayWait) {
        throw new Overloaded("accept");
      }
      return group.commit(unit);
    } catch (Overloaded e) {
      metrics.refused();
      throw e;
    } catch (TimeoutException e) {
      metrics.refused();
      throw e instanceof GroupCommit.NotBegun
          ? ProblemException.retryLater(
              Problem.UNAVAILABLE,
              "The commit did not begin in time; nothing was stored. Send it again in a moment.",
              WAIT)
          : ProblemException.outcomeUnknown(
              "The commit is taking too long. Whether the message was stored is unknown; send it"
                  + " again with the same Idempotency-Key.",
              WAIT);
    } finally {
      if (mayWait) {
        shares.give(app, unit.weight());
      }
    }
  }

  @Override
  public void close() {
    group.close();
  }
}
