package dev.postrider.platform.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.postrider.platform.Home;
import dev.postrider.platform.Settings;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The database: the operator's server where one is named, the embedded one otherwise. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

  /** Where the database is. Closing it stops the embedded server, after the pool has closed. */
  static final class Server implements AutoCloseable {
    private final Settings.Postgres address;
    private final @org.jspecify.annotations.Nullable EmbeddedServer embedded;

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

  @Bean
  DataSource dataSource(Server server) {
    Settings.Postgres address = server.address;
    HikariConfig config = new HikariConfig();
    config.setPoolName("postgres");
    config.setJdbcUrl(address.jdbcUrl());
    config.setUsername(address.user());
    config.setPassword(address.password().value());
    config.setMaximumPoolSize(16);
    config.setMinimumIdle(4);
    // A caller is told within two seconds that the database is away.
    config.setConnectionTimeout(Duration.ofMillis(1500).toMillis());
    config.setValidationTimeout(Duration.ofSeconds(1).toMillis());
    config.setMaxLifetime(Duration.ofMinutes(30).toMillis());
    config.setInitializationFailTimeout(Duration.ofSeconds(10).toMillis());
    // Every wait has an end: a peer that vanished without a word must not hold a thread.
    config.addDataSourceProperty("connectTimeout", "5");
    config.addDataSourceProperty("loginTimeout", "5");
    config.addDataSourceProperty("socketTimeout", "30");
    config.addDataSourceProperty("cancelSignalTimeout", "2");
    config.addDataSourceProperty("tcpKeepAlive", "true");
    config.addDataSourceProperty("ApplicationName", "postrider");
    // "Failing row contains (...)" would put a message's text into a log.
    config.addDataSourceProperty("logServerErrorDetail", "false");
    config.addDataSourceProperty(
        "options",
        "-c statement_timeout=10s -c lock_timeout=2s"
            + " -c idle_in_transaction_session_timeout=15s -c TimeZone=UTC");
    return new HikariDataSource(config);
  }
}
