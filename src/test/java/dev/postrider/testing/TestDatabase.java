package dev.postrider.testing;

import com.zaxxer.hikari.HikariDataSource;
import dev.postrider.platform.database.Transactions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * A real PostgreSQL for the tests of this JVM, a database of its own for whoever asks. The
 * session's time zone is a hostile one: whoever forgets the offset of a time fails here.
 */
public final class TestDatabase {
  private static final EmbeddedPostgres SERVER = start();
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final int MOST_CONNECTIONS = 20;
  private static final Duration IDLE = Duration.ofSeconds(10);

  private final String name;

  /** One for all who ask: a transaction is that of its data source. */
  private final HikariDataSource dataSource = new HikariDataSource();

  private TestDatabase(String name) {
    this.name = name;
    dataSource.setDataSource(unpooled());
    dataSource.setMaximumPoolSize(MOST_CONNECTIONS);
    dataSource.setMinimumIdle(0);
    dataSource.setIdleTimeout(IDLE.toMillis());
  }

  private static EmbeddedPostgres start() {
    try {
      return EmbeddedPostgres.builder()
          .setServerConfig("fsync", "on")
          .setServerConfig("synchronous_commit", "on")
          .setServerConfig("full_page_writes", "on")
          .setServerConfig("timezone", "America/Los_Angeles")
          .setServerConfig("max_connections", "200")
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An empty database. */
  public static TestDatabase create() {
    return create("template1");
  }

  /** A database with the schema: a copy of one that was migrated once. */
  public static TestDatabase migrated() {
    return create(Migrated.TEMPLATE);
  }

  private static TestDatabase create(String template) {
    String name = "test_" + COUNT.incrementAndGet();
    try (Connection connection = SERVER.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + name + " template " + template);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return new TestDatabase(name);
  }

  /** Made when it is first asked for. Nobody is connected to it, or it could not be copied. */
  private static final class Migrated {
    static final String TEMPLATE = migrate();

    private static String migrate() {
      TestDatabase database = create();
      Flyway.configure().dataSource(database.unpooled()).load().migrate();
      database.dataSource.close();
      return database.name;
    }
  }

  private DataSource unpooled() {
    return SERVER.getDatabase("postgres", name);
  }

  public DataSource dataSource() {
    return dataSource;
  }

  public Transactions transactions() {
    return new Transactions(new JdbcTransactionManager(dataSource));
  }

  public JdbcClient jdbc() {
    return JdbcClient.create(dataSource());
  }

  /** One connection for everything, which nobody had before. */
  public JdbcClient oneConnection() {
    try {
      return JdbcClient.create(new SingleConnectionDataSource(unpooled().getConnection(), true));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How many rows of a table some work reads, by index or not; the work is undone. */
  public long rowsRead(String table, Consumer<JdbcClient> work) {
    // The counters of a transaction under way are those of its own connection.
    JdbcClient connection = oneConnection();
    connection.sql("begin").update();
    work.accept(connection);
    long read =
        connection
            .sql(
                """
                select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables
                 where relname = :table
                """)
            .param("table", table)
            .query(Long.class)
            .single();
    connection.sql("rollback").update();
    return read;
  }

  /** How many statements wait for somebody to let go of a lock. */
  public int waitingForLocks() {
    return jdbc()
        .sql(
            """
            select count(*) from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock'
            """)
        .query(Integer.class)
        .single();
  }

  /** The environment that points the service here. */
  public Map<String, String> environment() {
    return PostgresProcess.environment(name, SERVER.getPort());
  }
}
