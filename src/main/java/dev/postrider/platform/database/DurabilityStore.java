package dev.postrider.platform.database;

import dev.postrider.platform.SettingsException;
import java.util.Map;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Looks at the start whether a commit on this server means what we promise with it. */
@Repository
public class DurabilityStore {
  private static final int OLDEST = 140000;
  private static final Map<String, Set<String>> DURABLE =
      Map.of(
          "fsync", Set.of("on"),
          "full_page_writes", Set.of("on"),
          "synchronous_commit", Set.of("on", "remote_apply", "remote_write", "local"));

  private final JdbcClient jdbc;

  public DurabilityStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
    checkVersion();
    DURABLE.forEach(this::check);
  }

  private void checkVersion() {
    int version =
        jdbc.sql("select current_setting('server_version_num')::int").query(Integer.class).single();
    if (version < OLDEST) {
      throw new SettingsException(
          "POSTGRES_HOST", "names a PostgreSQL older than 14", "Use 14 or newer.");
    }
  }

  private void check(String setting, Set<String> durable) {
    String value =
        jdbc.sql("select current_setting(:setting)")
            .param("setting", setting)
            .query(String.class)
            .single();
    if (!durable.contains(value)) {
      throw new SettingsException(
          "POSTGRES_HOST",
          "names a server with " + setting + "=" + value + ", which may lose accepted messages",
          "Set " + setting + "=on there.");
    }
  }
}
