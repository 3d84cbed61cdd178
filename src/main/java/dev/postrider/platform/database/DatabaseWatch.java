package dev.postrider.platform.database;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Knows whether the database is there. While it is away, accepting answers 503 at once instead of
 * letting every caller wait for the same time-out.
 */
@Wired
public class DatabaseWatch implements Loop {
  private static final Logger log = LoggerFactory.getLogger(DatabaseWatch.class);

  /** What whoever wants to write is told meanwhile. */
  public static final String NO_ROOM =
      "The database has no room left on its disk; nothing was stored. Send it again when it has.";

  /** One late answer may be a busy moment; after two nobody waits any longer. */
  private static final int SILENT = 2;

  private final PingStore ping;
  private final BreakableConnections connections;
  private final List<DataSource> pools;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile boolean away;
  private volatile boolean full;

  /** Whether somebody was refused a write for want of room, and nobody has looked since. */
  private volatile boolean mayBeFull;

  private int unanswered;
  private boolean readsOnly;

  DatabaseWatch(
      PingStore ping,
      BreakableConnections connections,
      @Qualifier("requestPool") DataSource requests,
      @Qualifier("workPool") DataSource work) {
    this.ping = ping;
    this.connections = connections;
    this.pools = List.of(requests, work);
  }

  public boolean isAway() {
    return away;
  }

  /** Whether it takes no more, for want of room: it answers all the same. */
  public boolean isFull() {
    return full;
  }

  /**
   * Someone was refused a write for want of room: looks soon whether that is the disk. It may be
   * the memory that a report shares, too, or a place for sorting.
   */
  public void suspectFull() {
    mayBeFull = true;
  }

  /**
   * Someone could not reach the database: asks at once whether it is there, unless that is being
   * asked. There is one connection for it, and who only waits for that would call it away.
   */
  public void suspect() {
    if (!away && asking.tryLock()) {
      try {
        if (ping.ask() != PingStore.Answer.WELL) {
          mark(true);
        }
      } finally {
        asking.unlock();
      }
    }
  }

  @Override
  public Duration every() {
    return Duration.ofMillis(away ? 250 : 1000);
  }

  /** Or whatever a silent database holds up would wait for the system to hang up. */
  @Override
  public boolean isNeededToTheEnd() {
    return true;
  }

  @Override
  public int runOnce() {
    PingStore.Answer answer = ask();
    boolean well = answer == PingStore.Answer.WELL;
    unanswered = well ? 0 : unanswered + 1;
    mark(!well || (away && !poolsAnswer()));
    // Those to a server that only reads are kept alive by everybody but us.
    if (unanswered == SILENT || (well && readsOnly)) {
      connections.breakAll();
    }
    // Until it is well: those that were made meanwhile only read, too.
    readsOnly = !well && (readsOnly || answer == PingStore.Answer.READS_ONLY);
    if (well && (full || mayBeFull)) {
      mayBeFull = false;
      lookForRoom();
    }
    return 0;
  }

  private PingStore.Answer ask() {
    asking.lock();
    try {
      return ping.ask();
    } finally {
      asking.unlock();
    }
  }

  /**
   * Whether a request would get a connection, too: after an outage a pool rests between its tries
   * to make one, and who came meanwhile would wait for that in vain.
   */
  private boolean poolsAnswer() {
    try {
      for (DataSource pool : pools) {
        pool.getConnection().close();
      }
      return true;
    } catch (SQLException _) {
      return false;
    }
  }

  private void lookForRoom() {
    asking.lock();
    try {
      switch (ping.room()) {
        case THERE -> markFull(false);
        case NONE -> markFull(true);
        case UNKNOWN -> mayBeFull = true; // as it was, until it says
      }
    } finally {
      asking.unlock();
    }
  }

  private void markFull(boolean nowFull) {
    if (nowFull != full) {
      full = nowFull;
      if (nowFull) {
        log.error("database.full");
      } else {
        log.info("database.has_room");
      }
    }
  }

  private void mark(boolean nowAway) {
    if (nowAway != away) {
      away = nowAway;
      if (nowAway) {
        log.warn("database.away");
      } else {
        log.info("database.back");
      }
    }
  }
}
