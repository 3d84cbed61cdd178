package dev.postrider.platform.database;

import com.zaxxer.hikari.HikariDataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Asks the database for a sign of life, over a connection of its own. */
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
      return jdbc.sql("select 1").query(Integer.class).single() == 1;
    } catch (DataAccessException _) {
      return false;
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
