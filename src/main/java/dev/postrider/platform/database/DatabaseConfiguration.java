package dev.postrider.platform.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.postrider.platform.Home;
import dev.postrider.platform.Loop;
import dev.postrider.platform.Settings;
import dev.postrider.platform.SettingsException;
import dev.postrider.platform.Text;
import java.time.Duration;
import java.util.Properties;
import javax.sql.DataSource;
import org.flywaydb.core.api.MigrationInfoService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.flyway.autoconfigure.FlywayDataSource;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/** The database: the operator's server where one is named, the embedded one otherwise. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {
  private static final Logger log = LoggerFactory.getLogger(DatabaseConfiguration.class);

  private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(30);

  /** Where the database is. Closing it stops the embedded server, after the pool has closed. */
  static final class Server implements AutoCloseable {
    private final Settings.Postgres address;
    private final @Nullable EmbeddedServer embedded;

    Server(Settings settings, Home home) {
      this.embedded = settings.postgres().isPresent() ? null : EmbeddedServer.start(home);
      this.address = embedded == null ? settings.postgres().orElseThrow() : embedded.address();
    }

    @Override
    public void close() {
      if (embedded != null) {
        embedded.close();
      }
    }
  }

  @Bean
  Server databaseServer(Settings settings, Home home) {
    return new Server(settings, home);
  }

  /** Null where the database is the operator's: then there is nothing to keep, and no such bean. */
  @Bean
  @Nullable Loop keepPostgres(Server server) {
    return server.embedded == null ? null : new KeepPostgres(server.embedded);
  }

  @Bean
  BreakableConnections connections(Server server) {
    return new BreakableConnections(
        server.address.jdbcUrl(), properties(server.address, SOCKET_TIMEOUT));
  }

  /** An index over a large table says nothing until it is made: here nothing takes too long. */
  @Bean(defaultCandidate = false)
  @FlywayDataSource
  DataSource migrations(Server server) {
    Properties properties = properties(server.address, Duration.ZERO);
    properties.setProperty(
        "options", properties.getProperty("options") + " -c statement_timeout=0");
    return new BreakableConnections(server.address.jdbcUrl(), properties);
  }

  /**
   * Says that it begins: with large tables it takes minutes, and a start that is killed takes them
   * again.
   */
  @Bean
  FlywayMigrationStrategy tellsThatItMigrates() {
    return flyway -> {
      MigrationInfoService info = flyway.info();
      if (info.current() != null && info.pending().length > 0) {
        log.atInfo()
            .addKeyValue("from", info.current().getVersion())
            .addKeyValue("migrations", info.pending().length)
            .log("database.migrating");
      }
      flyway.migrate();
    };
  }

  @Bean(defaultCandidate = false)
  HikariDataSource requestPool(BreakableConnections connections) {
    return pool("requests", connections);
  }

  @Bean(defaultCandidate = false)
  HikariDataSource workPool(BreakableConnections connections) {
    return pool("work", connections);
  }

  @Bean
  @Primary
  DataSource dataSource(
      @Qualifier("requestPool") HikariDataSource requests,
      @Qualifier("workPool") HikariDataSource work) {
    return new PartedPool(requests, work);
  }

  private static HikariDataSource pool(String name, DataSource connections) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(connections);
    config.setPoolName(name);
    config.setMaximumPoolSize(8);
    config.setMinimumIdle(2);
    // A caller is told within two seconds that the database is away.
    config.setConnectionTimeout(Duration.ofMillis(1500).toMillis());
    config.setValidationTimeout(Duration.ofSeconds(1).toMillis());
    config.setMaxLifetime(Duration.ofMinutes(30).toMillis());
    config.setInitializationFailTimeout(Duration.ofSeconds(10).toMillis());
    try {
      return new HikariDataSource(config);
    } catch (HikariPool.PoolInitializationException e) {
      throw new SettingsException(
          "POSTGRES_HOST",
          "names a server that cannot be used: " + Text.cleaned(e.getMessage(), 200),
          "Mend POSTGRES_HOST, POSTGRES_PORT, POSTGRES_DB, POSTGRES_USER or POSTGRES_PASSWORD.");
    }
  }

  /** One connection for the watch alone: it must not wait behind the work it watches. */
  static HikariDataSource watch(Server server) {
    HikariConfig config = new HikariConfig();
    Properties properties = properties(server.address, Duration.ofSeconds(2));
    // It looks whether there is room where messages are kept, not where reports are sorted.
    properties.setProperty("options", properties.getProperty("options") + " -c temp_tablespaces=");
    config.setDataSource(new BreakableConnections(server.address.jdbcUrl(), properties));
    config.setPoolName("watch");
    config.setMaximumPoolSize(1);
    // The pool's own look at the connection is the first to meet the silence.
    config.setValidationTimeout(Duration.ofMillis(500).toMillis());
    config.setConnectionTimeout(Duration.ofSeconds(1).toMillis());
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  private static Properties properties(Settings.Postgres address, Duration socketTimeout) {
    Properties properties = new Properties();
    properties.setProperty("user", address.user());
    properties.setProperty("password", address.password().value());
    // Every wait has an end: a peer that vanished without a word must not hold a thread.
    // A connection that was begun while the database was silent is the last to give up.
    properties.setProperty("connectTimeout", "2");
    properties.setProperty("loginTimeout", Integer.toString(BreakableConnections.LOGIN_SECONDS));
    properties.setProperty("socketTimeout", Long.toString(socketTimeout.toSeconds()));
    properties.setProperty("cancelSignalTimeout", "2");
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("ApplicationName", "postrider");
    // "Failing row contains (...)" would put a message's text into a log.
    properties.setProperty("logServerErrorDetail", "false");
    properties.setProperty(
        "options",
        // A node that stands still in the middle of a commit holds rows that other nodes' commits
        // need: PostgreSQL lets go of them before anybody's patience (5 s) ends.
        "-c statement_timeout=10s -c lock_timeout=2s"
            + " -c idle_in_transaction_session_timeout=4s -c TimeZone=UTC");
    return properties;
  }
}
