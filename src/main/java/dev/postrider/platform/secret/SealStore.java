package dev.postrider.platform.secret;

import dev.postrider.platform.SettingsException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** A marker sealed with the master key, so that a wrong key is noticed before it does harm. */
@Repository
public class SealStore {
  private static final String PLACE = "master_key_marker";
  private final JdbcClient jdbc;
  private final Vault vault;

  public SealStore(JdbcClient jdbc, Vault vault) {
    this.jdbc = jdbc;
    this.vault = vault;
    check();
  }

  private void check() {
    jdbc.sql("insert into master_key_marker (sealed) values (:sealed) on conflict do nothing")
        .param("sealed", vault.seal("postrider".getBytes(StandardCharsets.UTF_8), PLACE))
        .update();
    Optional<byte[]> marker =
        jdbc.sql("select sealed from master_key_marker").query(byte[].class).optional();
    try {
      vault.open(marker.orElseThrow(), PLACE);
    } catch (Vault.SealBroken _) {
      throw new SettingsException(
          "POSTRIDER_MASTER_KEY",
          "is not the key this database was sealed with",
          "Give back the original key (it was in master-key in the data directory); nothing was"
              + " changed.");
    }
  }
}
