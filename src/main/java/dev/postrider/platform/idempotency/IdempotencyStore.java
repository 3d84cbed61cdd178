package dev.postrider.platform.idempotency;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** All SQL on idempotency_keys. */
@Repository
public class IdempotencyStore {
  private final JdbcClient jdbc;

  public IdempotencyStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** A key and the answer it will stand for. */
  public record Claim(IdempotencyKey key, StoredAnswer answer) {}

  /**
   * Takes keys in the caller's transaction, together with what they stand for; returns those that
   * were free. A key that another transaction is just taking is waited for (lock_timeout 2 s). The
   * claims must come sorted, so that two transactions never wait for each other.
   */
  public Set<IdempotencyKey> take(List<Claim> claims) {
    return new HashSet<>(
        jdbc.sql(
                """
                insert into idempotency_keys (scope, key, fingerprint, status, location, body)
                select * from unnest(:scopes::bigint[], :keys::text[], :fingerprints::bytea[],
                                     :statuses::int[], :locations::text[], :bodies::bytea[])
                on conflict do nothing
                returning scope, key, fingerprint
                """)
            .param("scopes", claims.stream().mapToLong(claim -> claim.key().scope()).toArray())
            .param("keys", claims.stream().map(claim -> claim.key().key()).toArray(String[]::new))
            .param(
                "fingerprints",
                claims.stream().map(claim -> claim.key().fingerprint()).toArray(byte[][]::new))
            .param("statuses", claims.stream().mapToInt(claim -> claim.answer().status()).toArray())
            .param(
                "locations",
                claims.stream().map(claim -> claim.answer().location()).toArray(String[]::new))
            .param(
                "bodies",
                claims.stream().map(claim -> claim.answer().body()).toArray(byte[][]::new))
            .query((row, _) ->
                new IdempotencyKey(
                    row.getLong("scope"), row.getString("key"), row.getBytes("fingerprint")))
            .list());
  }

  /** What is known of a key. */
  @SuppressWarnings("ArrayRecordComponent") // compared in constant time, elsewhere
  public record Known(byte[] fingerprint, StoredAnswer answer) {}

  public Optional<Known> find(IdempotencyKey key) {
    return jdbc.sql(
            """
            select fingerprint, status, location, body from idempotency_keys
             where scope = :scope and key = :key
            """)
        .param("scope", key.scope())
        .param("key", key.key())
        .query((row, _) ->
            new Known(
                row.getBytes("fingerprint"),
                new StoredAnswer(
                    row.getInt("status"), row.getString("location"), row.getBytes("body"))))
        .optional();
  }

  /** Deletes keys that are older than the window; returns how many. */
  int forget(Duration window, int most) {
    return jdbc.sql(
            """
            delete from idempotency_keys
             where ctid = any (array(
               select ctid from idempotency_keys
                where created_at < now() - :window * interval '1 second'
                order by created_at limit :most))
            """)
        .param("window", window.toSeconds())
        .param("most", most)
        .update();
  }
}
