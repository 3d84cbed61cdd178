package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.RunningService;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

class MigrationE2ETest {
  /**
   * Longer than a transaction may be idle: who keeps other nodes from migrating meanwhile must not
   * be one.
   */
  @Test
  void aMigrationMayTakeItsTime() throws SQLException {
    try (RunningService service =
        RunningService.start(
            Map.of(), "--spring.flyway.locations=classpath:db/migration,classpath:slow")) {
      assertThat(service.admin().get("/health/ready").status()).isEqualTo(200);
      DataSource migrations = service.bean(Flyway.class).getConfiguration().getDataSource();
      try (Connection connection = migrations.getConnection()) {
        assertThat(connection.getNetworkTimeout()).as("while it says nothing").isZero();
        assertThat(
                JdbcClient.create(new SingleConnectionDataSource(connection, true))
                    .sql("show statement_timeout")
                    .query(String.class)
                    .single())
            .as("each of its statements")
            .isEqualTo("0");
      }
    }
  }
}
