package dev.postrider.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class MessageStatusTest {
  @Test
  void isTheSameTableInJavaAndInSql() {
    JdbcClient jdbc = TestDatabase.migrated().jdbc();
    for (Dispatch dispatch : Dispatch.values()) {
      for (int receipts = 0; receipts < 8; receipts++) {
        boolean failed = (receipts & 1) != 0;
        boolean delivered = (receipts & 2) != 0;
        boolean read = (receipts & 4) != 0;
        String sql =
            jdbc.sql(
                    "select message_status(:d, case when :f then now() end, case when :e then now() end, case when :r then now() end)")
                .param("d", dispatch.word())
                .param("f", failed)
                .param("e", delivered)
                .param("r", read)
                .query(String.class)
                .single();
        assertThat(sql)
            .as("%s %s", dispatch, receipts)
            .isEqualTo(MessageStatus.of(dispatch, failed, delivered, read).word());
      }
    }
  }

  @Test
  void theSchemaAllowsExactlyTheDispatchWords() {
    JdbcClient jdbc = TestDatabase.migrated().jdbc();
    String check =
        jdbc.sql(
                "select pg_get_constraintdef(oid) from pg_constraint where conname = 'messages_dispatch_check'")
            .query(String.class)
            .single();
    for (Dispatch dispatch : Dispatch.values()) {
      assertThat(check).contains("'" + dispatch.word() + "'");
    }
    assertThat(check.split("'::text", -1)).hasSize(Dispatch.values().length + 1);
  }

  @Test
  void anEndIsAnEnd() {
    for (Dispatch end : Dispatch.values()) {
      if (end.isTerminal()) {
        for (Dispatch next : Dispatch.values()) {
          assertThat(end.canBecome(next)).as("%s to %s", end, next).isFalse();
        }
      }
    }
  }
}
