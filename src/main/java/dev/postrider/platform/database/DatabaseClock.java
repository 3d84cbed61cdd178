package dev.postrider.platform.database;

import dev.postrider.platform.Wired;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The time by the database's clock: what it said last, and what has passed since. What is due, over
 * or full again is judged by that clock, so whatever a node writes down goes by it, too; by a
 * node's own, which may be wrong, a message would expire before it is sent, or be sent too late.
 */
@Wired
public class DatabaseClock implements InstantSource {
  private static final Logger log = LoggerFactory.getLogger(DatabaseClock.class);

  /** Clocks that are kept by a time server differ by milliseconds. */
  private static final Duration WRONG = Duration.ofSeconds(5);

  /** What the clock showed at a moment of {@link System#nanoTime}. */
  private record Shown(Instant time, long nanos) {
    Instant at(long later) {
      return time.plusNanos(later - nanos);
    }
  }

  private final InstantSource own;

  private volatile Shown shown;

  private boolean differs;

  @Autowired
  DatabaseClock(@Qualifier("requestPool") DataSource database) {
    this(InstantSource.system());
    long asked = System.nanoTime();
    Instant now =
        JdbcClient.create(database)
            .sql("select clock_timestamp() as now")
            .query((row, _) -> Rows.instant(row, "now"))
            .single();
    showed(now, asked, System.nanoTime());
  }

  /** One that nobody has told the time yet: it shows this one's. */
  DatabaseClock(InstantSource own) {
    this.own = own;
    this.shown = new Shown(own.instant(), System.nanoTime());
  }

  @Override
  public Instant instant() {
    return shown.at(System.nanoTime());
  }

  /**
   * Notes what the database's clock showed.
   *
   * @param asked {@link System#nanoTime} before it was asked
   * @param answered and when it had answered
   */
  void showed(Instant time, long asked, long answered) {
    long half = (answered - asked) / 2;
    Duration off = Duration.between(shown.at(asked + half), time);
    // It is no more exact than the answer was quick.
    if (off.abs().toNanos() > half) {
      shown = new Shown(time, asked + half);
    }
    tellWhoseIsWrong();
  }

  private void tellWhoseIsWrong() {
    Duration ahead = Duration.between(instant(), own.instant());
    boolean now = ahead.abs().compareTo(WRONG) > 0;
    if (now && !differs) {
      log.atWarn().addKeyValue("ahead_ms", ahead.toMillis()).log("node.clock_differs");
    }
    differs = now;
  }
}
