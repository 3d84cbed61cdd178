package dev.postrider.delivery;

import dev.postrider.channel.MessageIds;
import dev.postrider.channel.Receipt;
import dev.postrider.channel.ReceiptArrived;
import dev.postrider.platform.FairRoom;
import dev.postrider.platform.GroupCommit;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.DatabaseWatch;
import dev.postrider.platform.database.Transactions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * Takes in what providers report: a callback is answered only after the commit that makes its
 * receipts durable, and callbacks that come together share that commit. On their own they would
 * wait for each other, each with a connection in its hands, for an application's events have one
 * order (docs/adr/0030).
 */
@Wired
public class TakeReceipts implements AutoCloseable {
  private static final int COMMITS_AT_ONCE = 1;
  private static final int BUFFER = 8192;
  private static final int BATCH = 512;

  /** Twilio, which says so, waits fifteen seconds for an answer. */
  private static final Duration WAIT = Duration.ofSeconds(5);

  private static final Duration LATER = Duration.ofSeconds(2);

  private static final String TOO_MANY = "Too many receipts are waiting; nothing was noted.";

  private final ApplyReceipts receipts;
  private final DatabaseWatch database;

  /** What senders have in the buffer. */
  private final FairRoom shares = new FairRoom(BUFFER);

  /** What is told of each callback: why it was refused, or nothing where it is durable. */
  private final GroupCommit<List<ReceiptArrived>, Optional<RuntimeException>> group;

  public TakeReceipts(ApplyReceipts receipts, DatabaseWatch database) {
    this.receipts = receipts;
    this.database = database;
    this.group =
        new GroupCommit<>(
            "receipts",
            new GroupCommit.Terms(COMMITS_AT_ONCE, BUFFER, BATCH, Duration.ZERO, WAIT),
            TakeReceipts::weight,
            this::commit);
  }

  /** However long a callback is, it is a commit at most. */
  private static int weight(List<ReceiptArrived> callback) {
    return Math.min(callback.size(), BATCH);
  }

  /** Durable when this returns. */
  void take(long senderId, List<Receipt> callback) {
    List<ReceiptArrived> arrived =
        callback.stream()
            // No message of ours has such an id.
            .filter(receipt -> MessageIds.fits(receipt.providerMessageId()))
            .map(receipt -> new ReceiptArrived(senderId, receipt))
            .toList();
    if (arrived.isEmpty()) {
      return;
    }
    if (database.isAway()) {
      throw later("The database is away; nothing was noted.");
    }
    int weight = weight(arrived);
    if (!shares.take(senderId, weight)) {
      throw later(TOO_MANY);
    }
    try {
      group
          .commit(arrived)
          .ifPresent(why -> {
            throw Transactions.isLockTimeout(why)
                ? later("Somebody else is changing the same thing; nothing was noted.")
                : why;
          });
    } catch (Overloaded _) {
      throw later(TOO_MANY);
    } catch (TimeoutException _) {
      throw later("The commit is taking too long.");
    } finally {
      shares.give(senderId, weight);
    }
  }

  /** 503 always: there are providers that repeat nothing else. */
  static ProblemException later(String why) {
    return ProblemException.retryLater(
        Problem.UNAVAILABLE, why + " Report it again in a moment.", LATER);
  }

  /** One that cannot be noted does not fail its neighbours. */
  List<Optional<RuntimeException>> commit(List<List<ReceiptArrived>> callbacks) {
    try {
      receipts.apply(callbacks.stream().flatMap(List::stream).toList());
      return callbacks.stream().map(_ -> Optional.<RuntimeException>empty()).toList();
    } catch (RuntimeException e) {
      if (!Transactions.isOneToBlame(e)) {
        throw e;
      }
      return callbacks.size() == 1
          ? List.of(Optional.of(e))
          : callbacks.stream().map(one -> commit(List.of(one)).getFirst()).toList();
    }
  }

  @Override
  public void close() {
    group.close();
  }
}
