package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.message.Message;
import dev.postrider.message.MessageStore;
import dev.postrider.platform.Overloaded;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Alone: it locks the table that everybody needs. */
@Tag("alone")
class GateE2ETest {
  private static final int LOOKS = 8;

  private final RunningService service = RunningService.shared();
  private final Gate gate = service.bean(Gate.class);

  private Message message(TestApp app) {
    long id =
        app.api().message(app.id(), "{\"message_content\":\"x\",\"recipient\":\"+4915112345678\"}");
    app.api().await(app.id(), id, "delivered");
    return service.bean(MessageStore.class).find(new AppId(app.id()), id).orElseThrow().message();
  }

  /** A look at all that waits for a recipient may take seconds, of connections that work needs. */
  @Test
  void oneLookAtARecipientIsMadeAtATimeForAnApplication() throws Exception {
    TestApp app = service.sandboxApp();
    app.api().put(app.firstSender() + "/policy", "{\"pacing\":{\"per_recipient_seconds\":60}}");
    Message message = message(app);
    Eventually.value(() -> gate.holds(message, Instant.now()), hold -> hold.isPresent());
    try (ExecutorService others = Executors.newVirtualThreadPerTaskExecutor();
        Connection connection = service.database().dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("lock table messages in access exclusive mode");
      List<Future<?>> looks = new ArrayList<>();
      for (int i = 0; i < LOOKS; i++) {
        looks.add(others.submit(() -> gate.holds(message, Instant.now())));
      }
      Eventually.value(() -> looks.stream().filter(Future::isDone).count(), it -> it == LOOKS - 1);
      connection.rollback();
      int refused = 0;
      for (Future<?> look : looks) {
        try {
          look.get();
        } catch (ExecutionException e) {
          assertThat(e).hasCauseInstanceOf(Overloaded.class);
          refused++;
        }
      }
      assertThat(refused).isEqualTo(LOOKS - 1);
    }
  }
}
