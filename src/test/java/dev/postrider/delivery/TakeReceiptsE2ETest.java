package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.channel.Receipt;
import dev.postrider.channel.ReceiptArrived;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TakeReceiptsE2ETest {
  private static final RunningService SERVICE = RunningService.shared();
  private static final TakeReceipts RECEIPTS = SERVICE.bean(TakeReceipts.class);

  private final TestApp app = SERVICE.app();
  private final long sender = app.sender("{\"provider\":\"sandbox\"}");

  /** A message that went out and of which the sandbox will report nothing. */
  private JsonNode sent(TestApp from) {
    long id =
        from.api()
            .message(from.id(), "{\"message_content\":\"quiet\",\"recipient\":\"+4915100000007\"}");
    return from.api().await(from.id(), id, "sent");
  }

  private static Receipt delivered(JsonNode message) {
    String id = message.path("provider_message_id").asString();
    return new Receipt(id, Receipt.Kind.DELIVERED, null, null);
  }

  private static void take(long sender, Receipt receipt) {
    try {
      RECEIPTS.take(sender, List.of(receipt));
    } catch (RuntimeException _) {
      // Whoever is told to report it again does.
    }
  }

  @Test
  void aCrowdOfReceiptsHoldsUpNobodyElse() throws Exception {
    TestApp other = SERVICE.sandboxApp();
    Receipt receipt = delivered(sent(app));
    List<Thread> crowd = new ArrayList<>();
    try (Connection connection = SERVICE.database().dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      // Whoever writes to this application's log waits.
      statement.execute("select 1 from event_heads where app_id = " + app.id() + " for update");
      for (int i = 0; i < 100; i++) {
        crowd.add(Thread.ofVirtual().start(() -> take(sender, receipt)));
      }
      Eventually.value(SERVICE.database()::waitingForLocks, it -> it > 0);
      sent(other);
      connection.rollback();
    }
    for (Thread one : crowd) {
      one.join();
    }
  }

  @Test
  void anIdThatNoMessageCanHaveIsPassedOver() {
    JsonNode message = sent(app);
    RECEIPTS.take(
        sender, List.of(read("\0"), delivered(message), read(longerThanAnIndexTakes()), read("")));
    assertThat(status(message)).isEqualTo("delivered");
  }

  private static Receipt read(String id) {
    return new Receipt(id, Receipt.Kind.READ, null, null);
  }

  /** Random, for what can be compressed may be longer. */
  private static String longerThanAnIndexTakes() {
    Random random = new Random(1);
    StringBuilder id = new StringBuilder();
    while (id.length() < 9000) {
      id.append(Integer.toString(random.nextInt(36), 36));
    }
    return id.toString();
  }

  private String status(JsonNode message) {
    return app.api().show(app.id(), message.path("message_id").asLong()).path("status").asString();
  }

  @Test
  void oneThatIsRefusedDoesNotFailThoseItCameWith() {
    List<JsonNode> messages = IntStream.range(0, 3).mapToObj(_ -> sent(app)).toList();
    List<List<ReceiptArrived>> callbacks = new ArrayList<>();
    for (JsonNode message : messages) {
      callbacks.add(List.of(new ReceiptArrived(sender, delivered(message))));
    }
    callbacks.add(1, List.of(new ReceiptArrived(sender, read("no text of PostgreSQL's: \0"))));
    callbacks.add(3, List.of(new ReceiptArrived(sender, read(longerThanAnIndexTakes()))));

    assertThat(RECEIPTS.commit(callbacks).stream().map(it -> it.isPresent()))
        .containsExactly(false, true, false, true, false);
    for (JsonNode message : messages) {
      assertThat(status(message)).isEqualTo("delivered");
    }
  }
}
