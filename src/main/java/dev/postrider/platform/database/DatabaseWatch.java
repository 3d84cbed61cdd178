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
  private final PingStore ping;
  private volatile boolean away;

  public DatabaseWatch(PingStore ping) {
    this.ping = ping;
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
    mark(!ping.answers());
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
