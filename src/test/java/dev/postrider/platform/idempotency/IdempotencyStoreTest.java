package dev.postrider.platform.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class IdempotencyStoreTest {
  private static final JdbcClient JDBC = TestDatabase.migrated().jdbc();

  /** A key means the same for a day, and may be used for something else then. */
  @Test
  void forgetsTheOldestAfterTheirWindowSomeAtATime() {
    JDBC.sql(
            """
            insert into idempotency_keys (scope, key, fingerprint, status, body, created_at)
            select 1, 'key ' || hours, '', 201, '', now() - hours * interval '1 hour'
              from unnest(array[1, 23, 25, 26, 27]) as hours
            """)
        .update();
    IdempotencyStore store = new IdempotencyStore(JDBC);
    assertThat(store.forget(Duration.ofDays(1), 2)).isEqualTo(2);
    assertThat(keys()).containsExactly("key 1", "key 23", "key 25");
    assertThat(store.forget(Duration.ofDays(1), 2)).isEqualTo(1);
    assertThat(store.forget(Duration.ofDays(1), 2)).isZero();
    assertThat(keys()).containsExactly("key 1", "key 23");
  }

  private static java.util.List<String> keys() {
    return JDBC.sql("select key from idempotency_keys order by created_at desc")
        .query((row, _) -> row.getString("key"))
        .list();
  }
}
