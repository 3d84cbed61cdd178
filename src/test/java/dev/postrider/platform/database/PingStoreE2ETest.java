package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.Home;
import dev.postrider.platform.Settings;
import dev.postrider.testing.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PingStoreE2ETest {
  /** As a full disk or a demotion leaves it. */
  @Test
  void aDatabaseThatTakesNoWritesIsNone(@TempDir Path directory) {
    TestDatabase database = TestDatabase.create();
    assertThat(answers(database, directory)).isTrue();
    database
        .jdbc()
        .sql(
            """
            do $$ begin
              execute format('alter database %I set default_transaction_read_only = on',
                             current_database());
            end $$
            """)
        .update();
    assertThat(answers(database, directory)).isFalse();
  }

  private static boolean answers(TestDatabase database, Path directory) {
    try (Home home = Home.open(directory);
        DatabaseConfiguration.Server server =
            new DatabaseConfiguration.Server(Settings.read(database.environment(), false), home);
        PingStore ping = new PingStore(server)) {
      return ping.answers();
    }
  }
}
