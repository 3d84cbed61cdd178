package dev.postrider.campaign;

import dev.postrider.campaign.Journals.Hurt;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/**
 * How the machine itself is: five times a second a small commit, on a connection that nothing else
 * uses, and a little arithmetic. Where the commit is over a second late, or the arithmetic takes
 * many times as long as it can, the machine has stood still, or was somebody else's, which no
 * service can help: it is journalled as a fault that nobody planned, with the milliseconds it took.
 */
final class Pulse implements AutoCloseable {
  private static final Duration EVERY = Duration.ofMillis(200);
  private static final Duration LATE = Duration.ofSeconds(1);

  /** Beside two nodes and PostgreSQL at work, as a thread that mostly sleeps, it is under two. */
  private static final int SLOW = 5;

  private static final int ROUNDS = 3_000_000;

  /** How long the arithmetic takes at best, in nanoseconds. */
  private static final AtomicLong BEST = new AtomicLong(Long.MAX_VALUE);

  private final DataSource database;
  private final Journal nemesis;
  private volatile boolean closed;

  Pulse(DataSource database, Journal nemesis) {
    this.database = database;
    this.nemesis = nemesis;
    Thread.ofPlatform().daemon().name("pulse").start(this::run);
  }

  private void run() {
    while (!closed) {
      try (Connection connection = database.getConnection();
          Statement statement = connection.createStatement()) {
        beat(statement);
      } catch (SQLException _) {
        Campaign.last(EVERY); // PostgreSQL is away: somebody has journalled why
      }
    }
  }

  private void beat(Statement statement) throws SQLException {
    while (!closed) {
      Instant from = Instant.now();
      Campaign.last(EVERY);
      statement.execute("select pg_logical_emit_message(true, 'pulse', '')");
      Duration late = Duration.between(from, Instant.now()).minus(EVERY);
      long stood = late.compareTo(LATE) > 0 ? late.toMillis() : 0;
      long slow = slowMillis();
      if (stood + slow > 0) {
        nemesis.write(new Hurt(from, "stalled", Long.toString(stood + slow)));
      }
    }
  }

  /** How much longer than it can the arithmetic took, where that is many times as long; or 0. */
  private static long slowMillis() {
    long start = System.nanoTime();
    long number = start | 1;
    for (int i = 0; i < ROUNDS; i++) {
      number ^= number << 13;
      number ^= number >>> 7;
      number ^= number << 17;
    }
    long took = System.nanoTime() - start;
    long best = BEST.accumulateAndGet(took, Math::min);
    // It is never 0, which only who has reckoned knows.
    return number != 0 && took > SLOW * best ? TimeUnit.NANOSECONDS.toMillis(took - best) : 0;
  }

  @Override
  public void close() {
    closed = true;
  }
}
