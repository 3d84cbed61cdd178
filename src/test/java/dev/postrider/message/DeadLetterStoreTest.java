package dev.postrider.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.channel.Content;
import dev.postrider.platform.Slice;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
    long read =
        DATABASE.rowsRead(
            "messages", connection -> assertThat(question.apply(connection)).isEqualTo(expected));
    assertThat(read).as("rows read of " + MANY).isLessThan(500);
  }

  @Test
  void theyAreListedCountedAndGoneThrough() {
    readsFew(
        it -> new DeadLetterStore(it).list(APP, DeadFilter.ALL, Long.MAX_VALUE, 50).items().size(),
        8);
    readsFew(it -> (int) new DeadLetterStore(it).extent(APP, DeadFilter.ALL).total(), 8);
    readsFew(it -> new DeadLetterStore(it).next(ordered(Instant.now()), 5).items().size(), 5);
  }

  @Test
  void aListOfWhatFailedReadsNoMore() {
    MessageStore.Filter failed =
        new MessageStore.Filter(MessageStatus.FAILED, null, null, null, null, null, null);
    readsFew(it -> new MessageStore(it).list(APP, failed, Long.MAX_VALUE, 50).items().size(), 8);
  }

  @Test
  void aStepEndsBeforeItIsTooLarge() {
    JdbcClient connection = DATABASE.oneConnection();
    connection.sql("begin").update();
    connection
        .sql("update messages set message_content = repeat('x', 900000) where ended_at is not null")
        .update();
    Slice<StoredMessage> step = new DeadLetterStore(connection).next(ordered(Instant.now()), 200);
    connection.sql("rollback").update();
    // Four of the eight are large; the order is that of their ids.
    assertThat(step.more()).isTrue();
    assertThat(step.items().stream().map(it -> it.message().id()))
        .containsExactly(1L, 5000L, 5001L, 10_000L, 10_001L);
  }

  private static Redrive ordered(Instant at) {
    return new Redrive(
        1,
        APP,
        new DeadFilter.Document(null, null, null, null, null),
        "running",
        MANY,
        0,
        8,
        0,
        0,
        "c",
        at,
        null);
  }

  /** Each node takes its ids from a block of its own: what is newer may have the lower number. */
  @Test
  void aRedriveTakesWhatWasDeadWhenItWasOrdered() {
    JdbcClient connection = DATABASE.oneConnection();
    connection.sql("begin").update();
    connection
        .sql("update messages set created_at = now() + interval '1 hour' where message_id = 5001")
        .update();
    connection
        .sql("update messages set ended_at = now() + interval '1 hour' where message_id = 10000")
        .update();
    assertThat(
            new DeadLetterStore(connection)
                .next(ordered(Instant.now().plusSeconds(60)), 4).items().stream()
                    .map(it -> it.message().id()))
        .containsExactly(1L, 5000L, 10_001L, 15_000L);
    connection.sql("rollback").update();
  }

  @Test
  void whoeverSendsOneAgainAndARedriveWaitForEachOther() {
    JdbcClient redrive = DATABASE.oneConnection();
    redrive.sql("begin").update();
    assertThat(new DeadLetterStore(redrive).stillDead(APP, Set.of(5000L))).containsExactly(5000L);
    CompletableFuture<Void> retry =
        CompletableFuture.runAsync(() ->
            new AcceptStore(DATABASE.jdbc())
                .claimRetries(
                    List.of(
                        TestMessages.message(
                            99_999, Content.text("x"), Instant.now().plusSeconds(3600), 5000L))));
    Eventually.value(DATABASE::waitingForLocks, it -> it > 0);
    assertThat(retry).isNotDone();
    redrive.sql("rollback").update();
    retry.join();
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
