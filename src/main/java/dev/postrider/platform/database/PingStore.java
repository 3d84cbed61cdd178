package dev.postrider.platform.database;

import com.zaxxer.hikari.HikariDataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Asks the database for a sign of life, over a connection of its own. One that takes no writes (its
 * disk is full, or another one was made the primary) is as good as none.
 */
@Repository
public class PingStore implements AutoCloseable {
  private final HikariDataSource connection;
  private final JdbcClient jdbc;

  PingStore(DatabaseConfiguration.Server server) {
    this.connection = DatabaseConfiguration.watch(server);
    this.jdbc = JdbcClient.create(connection);
  }

  boolean answers() {
    try {
      return jdbc.sql(
              """
              select not pg_is_in_recovery()
                     and current_setting('transaction_read_only') = 'off' as writes
              """)
          .query((row, _) -> row.getBoolean("writes"))
          .single();
    } catch (DataAccessException _) {
      return false;
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
