package dev.postrider.campaign;

import dev.postrider.campaign.Journals.Hurt;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import javax.sql.DataSource;

/**
 * How the machine itself is: five times a second a small commit, on a connection that nothing else
 * uses. Where one is over a second late, the machine has stood still, which no service can help: it
 * is journalled as a fault that nobody planned, with the milliseconds it took.
 */
final class Pulse implements AutoCloseable {
  private static final Duration EVERY = Duration.ofMillis(200);
  private static final Duration LATE = Duration.ofSeconds(1);

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
      if (late.compareTo(LATE) > 0) {
        nemesis.write(new Hurt(from, "stalled", Long.toString(late.toMillis())));
      }
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
