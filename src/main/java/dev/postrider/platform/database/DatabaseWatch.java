package dev.postrider.platform.database;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether the database is there. While it is away, accepting answers 503 at once instead of
 * letting every caller wait for the same time-out.
 */
@Wired
public class DatabaseWatch implements Loop {
  private static final Logger log = LoggerFactory.getLogger(DatabaseWatch.class);

  /** One late answer may be a busy moment; after two nobody waits any longer. */
  private static final int SILENT = 2;

  private final PingStore ping;
  private final BreakableConnections connections;
  private volatile boolean away;
  private int unanswered;

  DatabaseWatch(PingStore ping, BreakableConnections connections) {
    this.ping = ping;
    this.connections = connections;
  }

  public boolean isAway() {
    return away;
  }

  /** Someone could not reach the database: the loop decides whether that was so. */
  public void suspect() {
    if (!away && !ping.answers()) {
      mark(true);
    }
  }

  @Override
  public Duration every() {
    return Duration.ofMillis(away ? 250 : 1000);
  }

  @Override
  public int runOnce() {
    boolean answers = ping.answers();
    unanswered = answers ? 0 : unanswered + 1;
    mark(!answers);
    if (unanswered == SILENT) {
      connections.breakAll();
    }
    return 0;
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
