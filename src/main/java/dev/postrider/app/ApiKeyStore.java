package dev.postrider.app;

import dev.postrider.platform.database.Rows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** All SQL on api_keys. */
@Repository
public class ApiKeyStore {
  private final JdbcClient jdbc;

  public ApiKeyStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  KeyInfo insert(AppId app, String kid, byte[] hash) {
    return jdbc.sql(
            """
            insert into api_keys (app_id, kid, hash) values (:app, :kid, :hash) returning *
            """)
        .param("app", app.value())
        .param("kid", kid)
        .param("hash", hash)
        .query(ApiKeyStore::info)
        .single();
  }

  /** Others who change an application's keys together wait until this transaction is over. */
  void lock(AppId app) {
    jdbc.sql("select 1 from applications where app_id = :app for update")
        .param("app", app.value())
        .query((_, _) -> true)
        .list();
  }

  /** A key that may be used now. */
  @SuppressWarnings("ArrayRecordComponent") // compared in constant time, elsewhere
  record Usable(AppId app, byte[] hash) {}

  /** Finds a key that may be used, and notes that it is, at most once a minute. */
  Optional<Usable> use(String kid) {
    return jdbc.sql(
            """
            with used as (
              update api_keys set last_used_at = now()
               where kid = :kid and revoked_at is null
                 and (expires_at is null or expires_at > now())
                 and (last_used_at is null or last_used_at < now() - interval '1 minute')
            )
            select k.app_id, k.hash from api_keys k join applications a using (app_id)
             where k.kid = :kid and k.revoked_at is null and a.deleted_at is null
               and (k.expires_at is null or k.expires_at > now())
            """)
        .param("kid", kid)
        .query((row, _) -> new Usable(new AppId(row.getLong("app_id")), row.getBytes("hash")))
        .optional();
  }

  List<KeyInfo> list(AppId app, long after, int most) {
    return jdbc.sql(
            """
            select * from api_keys where app_id = :app and key_id > :after
             order by key_id limit :most
            """)
        .param("app", app.value())
        .param("after", after)
        .param("most", most)
        .query(ApiKeyStore::info)
        .list();
  }

  /** Lets the keys of an application that are still good without end expire after an overlap. */
  int expireOthers(AppId app, long except, Duration overlap) {
    return jdbc.sql(
            """
            update api_keys set expires_at = now() + :overlap * interval '1 second'
             where app_id = :app and key_id <> :except and revoked_at is null
               and (expires_at is null or expires_at > now() + :overlap * interval '1 second')
            """)
        .param("app", app.value())
        .param("except", except)
        .param("overlap", overlap.toSeconds())
        .update();
  }

  Optional<String> revoke(AppId app, long keyId) {
    return jdbc.sql(
            """
            update api_keys set revoked_at = coalesce(revoked_at, now())
             where app_id = :app and key_id = :key returning kid
            """)
        .param("app", app.value())
        .param("key", keyId)
        .query(String.class)
        .optional();
  }

  private static KeyInfo info(ResultSet row, int ignored) throws SQLException {
    return new KeyInfo(
        row.getLong("key_id"),
        row.getString("kid"),
        Rows.instant(row, "created_at"),
        Rows.optional(row, "expires_at"),
        Rows.optional(row, "revoked_at"),
        Rows.optional(row, "last_used_at"));
  }
}
