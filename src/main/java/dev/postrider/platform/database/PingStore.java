package dev.postrider.platform.database;

import com.zaxxer.hikari.HikariDataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Asks the database for a sign of life, and the time, over a connection of its own. */
@Repository
public class PingStore implements AutoCloseable {
  private final HikariDataSource connection;
  private final JdbcClient jdbc;
  private final DatabaseClock clock;

  PingStore(DatabaseConfiguration.Server server, DatabaseClock clock) {
    this.clock = clock;
    this.connection = DatabaseConfiguration.watch(server);
    this.jdbc = JdbcClient.create(connection);
  }

  /** What came back. */
  enum Answer {
    /** It is there. */
    WELL,
    /**
     * It takes no writes, and so is as good as away: another one was made the primary, or its host
     * has made it so because the disk is nearly full.
     */
    READS_ONLY,
    NONE
  }

  Answer ask() {
    long asked = System.nanoTime();
    try {
      boolean writes =
          jdbc.sql(
                  """
                  select clock_timestamp() as now,
                         not pg_is_in_recovery()
                         and current_setting('transaction_read_only') = 'off' as writes
                  """)
              .query((row, _) -> {
                clock.showed(Rows.instant(row, "now"), asked, System.nanoTime());
                return row.getBoolean("writes");
              })
              .single();
      if (!writes) {
        // The next one may be to another server, or begin with other settings.
        connection.getHikariPoolMXBean().softEvictConnections();
      }
      return writes ? Answer.WELL : Answer.READS_ONLY;
    } catch (DataAccessException _) {
      return Answer.NONE;
    }
  }

  /** Whether it can make a file longer. */
  enum Room {
    THERE,
    NONE,
    /** It did not say. */
    UNKNOWN
  }

  /**
   * Tries it, by a table of a megabyte that goes at once. Who may not make one takes it for there:
   * then each write tells for itself.
   */
  Room room() {
    try {
      jdbc.sql(
              """
              create temporary table room on commit drop as
              select repeat('x', 1000) as filling from generate_series(1, 1000)
              """)
          .update();
      return Room.THERE;
    } catch (DataAccessException e) {
      return Transactions.isFull(e)
          ? Room.NONE
          : Transactions.isForbidden(e) ? Room.THERE : Room.UNKNOWN;
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
