package dev.postrider.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.testing.TestDatabase;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Few died of many: whoever asks for them does not read the many. */
class DeadLetterStoreTest {
  private static final AppId APP = new AppId(1);
  private static final TestDatabase DATABASE = TestDatabase.migrated();
  private static final int MANY = 20_000;

  @BeforeAll
  static void manyThatGotThrough() {
    DATABASE
        .jdbc()
        .sql(
            """
            insert into messages (app_id, message_id, sender_id, recipient, message_type,
                                  message_content, priority, hold, max_attempts, expires_at,
                                  correlation_id, dispatch, version, attempts, ended_at,
                                  provider_failed_at)
            select 1, n, 1, '+1' || n, 'text', 'x', 2, false, 5, now(), 'c',
                   case when n % 5000 = 0 then 'failed' else 'handed_off' end, 1, 1,
                   case when n % 5000 = 0 then now() end, case when n % 5000 = 1 then now() end
              from generate_series(1, :many) as n
            """)
        .param("many", MANY)
        .update();
    DATABASE.jdbc().sql("vacuum analyze messages").update();
  }

  private static void readsFew(Function<JdbcClient, Integer> question, int expected) {
    // The counters of a transaction under way are those of its own connection.
    JdbcClient connection = DATABASE.oneConnection();
    connection.sql("begin").update();
    assertThat(question.apply(connection)).isEqualTo(expected);
    long read =
        connection
            .sql(
                """
                select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables
                 where relname = 'messages'
                """)
            .query(Long.class)
            .single();
    connection.sql("rollback").update();
    assertThat(read).as("rows read of " + MANY).isLessThan(500);
  }

  @Test
  void theyAreListedCountedAndGoneThrough() {
    readsFew(
        it -> new DeadLetterStore(it).list(APP, DeadFilter.ALL, Long.MAX_VALUE, 50).items().size(),
        8);
    readsFew(it -> (int) new DeadLetterStore(it).extent(APP, DeadFilter.ALL).total(), 8);
    readsFew(it -> new DeadLetterStore(it).next(APP, DeadFilter.ALL, 0, MANY, 5).items().size(), 5);
  }

  @Test
  void aListOfWhatFailedReadsNoMore() {
    MessageStore.Filter failed =
        new MessageStore.Filter(MessageStatus.FAILED, null, null, null, null, null, null);
    readsFew(it -> new MessageStore(it).list(APP, failed, Long.MAX_VALUE, 50).items().size(), 8);
  }

  @Test
  void whatWasSentAgainMeanwhileIsNotDeadAnyMore() {
    JdbcClient connection = DATABASE.oneConnection();
    connection.sql("begin").update();
    connection.sql("update messages set retry_of = 5000 where message_id = 7").update();
    assertThat(new DeadLetterStore(connection).stillDead(APP, Set.of(5000L, 5001L, 10_000L, 3L)))
        .containsExactlyInAnyOrder(5001L, 10_000L);
    connection.sql("rollback").update();
  }
}
