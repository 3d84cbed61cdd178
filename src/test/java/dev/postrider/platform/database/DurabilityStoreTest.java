package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.platform.SettingsException;
import dev.postrider.testing.TestDatabase;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A 201 is a commit: a server that forgets commits is none to start on. */
class DurabilityStoreTest {
  private static void isRefused(JdbcClient jdbc, String setting) {
    assertThatThrownBy(() -> new DurabilityStore(jdbc))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("POSTGRES_HOST names a server with " + setting + "=off")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aServerThatKeepsItsCommitsIsFine() {
    JdbcClient jdbc = TestDatabase.create().jdbc();
    assertThatCode(() -> new DurabilityStore(jdbc)).doesNotThrowAnyException();
  }

  @Test
  void oneThatAnswersBeforeItsCommitIsThereIsRefused() {
    JdbcClient jdbc = TestDatabase.create().oneConnection();
    jdbc.sql("set synchronous_commit = off").update();
    isRefused(jdbc, "synchronous_commit");
  }

  @Test
  void oneThatLeavesItsCommitsToChanceIsRefused() throws IOException {
    try (EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setServerConfig("fsync", "off")
            // Its builder's defaults are a test's.
            .setServerConfig("synchronous_commit", "on")
            .start()) {
      isRefused(JdbcClient.create(server.getPostgresDatabase()), "fsync");
    }
  }
}
