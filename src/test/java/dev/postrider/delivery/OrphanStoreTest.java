package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class OrphanStoreTest {
  private static final JdbcClient JDBC = TestDatabase.migrated().jdbc();

  @Test
  void dropsWhatNobodyClaimedForSoLong() {
    JDBC.sql(
            """
            insert into orphan_receipts (sender_id, provider_message_id, kind, at, received_at)
            select 1, 'id ' || hours, 'delivered', now(), now() - hours * interval '1 hour'
              from unnest(array[1, 71, 73, 74]) as hours
            """)
        .update();
    OrphanStore store = new OrphanStore(JDBC);
    assertThat(store.forget(Duration.ofDays(3), 1)).isEqualTo(1);
    assertThat(store.forget(Duration.ofDays(3), 10)).isEqualTo(1);
    assertThat(
            JDBC.sql("select provider_message_id as id from orphan_receipts order by received_at")
                .query((row, _) -> row.getString("id"))
                .list())
        .containsExactly("id 71", "id 1");
  }
}
