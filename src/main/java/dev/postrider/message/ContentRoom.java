package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.platform.FairRoom;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How much of what people wrote a node has in memory at once, after their requests are over: what
 * is sent, and what is sent again. A request to a provider takes several times as much as its
 * content.
 */
@Wired
public class ContentRoom {
  private static final int MOST_BYTES = 8 * 1024 * 1024;

  /** Of one content; what is larger counts as that. */
  private static final int MOST_OF_A_CONTENT = MOST_BYTES / 2;

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** A call may last a minute: who has much under way leaves some to whoever comes next. */
  private final FairRoom room = new FairRoom(MOST_BYTES);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition freed = lock.newCondition();

  private final Duration patience;

  /** Who wait for room and have none. */
  private int firsts;

  public ContentRoom() {
    this(PATIENCE);
  }

  /**
   * @param patience how long room is waited for
   */
  ContentRoom(Duration patience) {
    this.patience = patience;
  }

  /**
   * Does something that has so many bytes in memory meanwhile. What is small needs no room.
   *
   * @param full what is done instead where there is no room in time
   */
  public <T extends @Nullable Object> T with(
      AppId app, int bytes, Supplier<T> work, Supplier<T> full) {
    return with(app, bytes, patience, work, full);
  }

  /** The same for what has no time to wait. */
  public <T extends @Nullable Object> T ifThereIs(
      AppId app, int bytes, Supplier<T> work, Supplier<T> full) {
    return with(app, bytes, Duration.ZERO, work, full);
  }

  private <T extends @Nullable Object> T with(
      AppId app, int bytes, Duration atMost, Supplier<T> work, Supplier<T> full) {
    if (bytes <= Outgoing.KEPT) {
      return work.get();
    }
    int taken = Math.min(bytes, MOST_OF_A_CONTENT);
    if (!take(app, taken, atMost)) {
      return full.get();
    }
    try {
      return work.get();
    } finally {
      give(app, taken);
    }
  }

  /** Waits for room. Who has nothing goes before those who have, or would never find enough. */
  private boolean take(AppId app, int bytes, Duration atMost) {
    lock.lock();
    boolean first = room.of(app) == 0;
    firsts += first ? 1 : 0;
    try {
      long left = atMost.toNanos();
      while ((!first && firsts > 0) || !room.take(app, bytes)) {
        if (left <= 0) {
          return false;
        }
        left = freed.awaitNanos(left);
        if (first && room.of(app) > 0) {
          first = false; // another one of its application was let in
          firsts--;
          freed.signalAll();
        }
      }
      return true;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      if (first) {
        firsts--;
        freed.signalAll();
      }
      lock.unlock();
    }
  }

  private void give(AppId app, int bytes) {
    lock.lock();
    try {
      room.give(app, bytes);
      freed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
