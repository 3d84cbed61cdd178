package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Somebody holds a row that all of an application's changes need (a node that froze in the middle
 * of a commit, say): the others are accepted, sent and written down meanwhile.
 */
class LockedApplicationE2ETest {
  private static final RunningService SERVICE = RunningService.start(Map.of());

  @AfterAll
  static void stop() {
    SERVICE.close();
  }

  @Test
  void oneThatCannotMoveHoldsUpNoOther() throws Exception {
    TestApp locked = SERVICE.sandboxApp();
    TestApp other = SERVICE.sandboxApp();
    post(other, "+4915100000007");
    long underWay = post(locked, "+4915100000006").data().path("message_id").asLong(); // 5 seconds
    Queue<Integer> refused = new ConcurrentLinkedQueue<>();
    List<Thread> callers = new ArrayList<>();
    try (Connection connection = SERVICE.database().dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("select 1 from event_heads where app_id = " + locked.id() + " for update");
      for (int i = 0; i < 4; i++) {
        callers.add(
            Thread.ofVirtual().start(() -> refused.add(post(locked, "+4915100000007").status())));
      }
      // Longer than the call under way takes: its end cannot be written down either.
      for (int i = 0; i < 4; i++) {
        Api.Answer answer = post(other, "+4915100000007");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        other.api().await(other.id(), answer.data().path("message_id").asLong(), "sent");
      }
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> refused.size() == 4);
      connection.rollback();
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(refused).isSubsetOf(429, 503);
    JsonNode message =
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () -> locked.api().show(locked.id(), underWay),
                it -> it.path("status").asString().equals("delivered"));
    assertThat(message.path("attempts").asInt()).isEqualTo(1);
  }

  private static Api.Answer post(TestApp from, String recipient) {
    return from.api()
        .post(from.path(), "{\"message_content\":\"hello\",\"recipient\":\"" + recipient + "\"}");
  }
}
