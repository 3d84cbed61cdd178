package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.Home;
import dev.postrider.platform.Settings;
import dev.postrider.platform.database.PingStore.Answer;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.TestDatabase;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

class PingStoreE2ETest {
  private final TestDatabase database = TestDatabase.create();

  /** From before: what is altered holds for those that come. */
  private final JdbcClient operator = database.oneConnection();

  private void takes(String readOnly) {
    String name = operator.sql("select current_database()").query(String.class).single();
    operator
        .sql("alter database \"" + name + "\" set default_transaction_read_only = " + readOnly)
        .update();
  }

  /** As a failover or a careful host leaves it; and nobody waits until a connection has aged. */
  @Test
  void aDatabaseThatTakesNoWritesIsNoneUntilItDoes(@TempDir Path directory) {
    try (Home home = Home.open(directory);
        DatabaseConfiguration.Server server =
            new DatabaseConfiguration.Server(Settings.read(database.environment(), false), home)) {
      takes("on");
      try (PingStore ping = new PingStore(server, new DatabaseClock(InstantSource.system()))) {
        assertThat(ping.ask()).isEqualTo(Answer.READS_ONLY);
        takes("off");
        Eventually.value(ping::ask, it -> it == Answer.WELL);
      }
    }
  }
}
