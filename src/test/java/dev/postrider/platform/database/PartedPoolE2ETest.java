package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

@Tag("alone")
class PartedPoolE2ETest {
  private static final RunningService SERVICE = RunningService.start(Map.of());
  private static final JdbcClient SQL = SERVICE.database().jdbc();

  @AfterAll
  static void stop() {
    SERVICE.close();
  }

  @Test
  void requestsThatWaitHoldUpNothingThatIsOnItsWay() throws Exception {
    TestApp other = SERVICE.sandboxApp();
    awaitHandedOff(send(other, "")); // its key and its sender are known from now on
    TestApp app = SERVICE.sandboxApp();
    List<Long> later = new ArrayList<>();
    Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
    for (int i = 0; i < 30; i++) {
      later.add(send(app, ",\"scheduled_for\":\"" + tomorrow + "\""));
    }
    List<Thread> crowd = new ArrayList<>();
    Queue<String> answers = new ConcurrentLinkedQueue<>();
    try (Connection connection = SERVICE.database().dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      // Whoever writes to this application's log waits.
      statement.execute("select 1 from event_heads where app_id = " + app.id() + " for update");
      for (long id : later) {
        crowd.add(
            Thread.ofVirtual()
                .start(() ->
                    answers.add(app.api().post(app.path() + "/" + id + "/cancel", "{}").body())));
      }
      Eventually.value(SERVICE.database()::waitingForLocks, it -> it >= 8);
      awaitHandedOff(send(other, ""));
      // Those who found no connection are told so, and not that the database is away.
      Eventually.value(
          () -> String.join(" ", answers), it -> it.contains("No connection to the database"));
      connection.rollback();
    }
    for (Thread one : crowd) {
      one.join();
    }
    assertThat(app.api().get(app.path() + "/" + later.getFirst()).status()).isEqualTo(200);
  }

  /** As of a node that froze in the middle of a commit: its rows are needed by all others. */
  @Test
  void aTransactionThatStandsStillIsEnded() throws Exception {
    TestApp app = SERVICE.sandboxApp();
    awaitHandedOff(send(app, ""));
    try (Connection frozen = SERVICE.bean(DataSource.class).getConnection();
        Statement statement = frozen.createStatement()) {
      frozen.setAutoCommit(false);
      statement.execute("select 1 from event_heads where app_id = " + app.id() + " for update");
      long start = System.nanoTime();
      SQL.sql("update event_heads set last_seq = last_seq where app_id = ?")
          .param(app.id())
          .update();
      // Four seconds, and what a busy machine takes.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
      assertThatThrownBy(frozen::commit).isInstanceOf(SQLException.class);
    }
  }

  private static long send(TestApp from, String more) {
    return from.api()
        .message(
            from.id(),
            "{\"message_content\":\"hello\",\"recipient\":\"+4915100000007\"" + more + "}");
  }

  private static void awaitHandedOff(long id) {
    Eventually.value(
        () ->
            SQL.sql("select dispatch from messages where message_id = ?")
                .param(id)
                .query(String.class)
                .single(),
        "handed_off"::equals);
  }
}
