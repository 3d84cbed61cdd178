package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.message.CampaignStore;
import dev.postrider.message.Dispatch;
import dev.postrider.message.Move;
import dev.postrider.message.ProgressStore;
import dev.postrider.message.StatusListener;
import dev.postrider.platform.Node;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.Dispatcher;
import dev.postrider.queue.Finish;
import dev.postrider.queue.Job;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.Priority;
import dev.postrider.queue.QueueSettings;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

class SettleDeliveriesE2ETest {
  private static final RunningService SERVICE = RunningService.start(Map.of());
  private static final JdbcClient SQL = SERVICE.database().jdbc();

  /**
   * A node stood still in the middle of a call, its job was taken back, and now it comes with the
   * provider's yes.
   */
  @ParameterizedTest
  @ValueSource(strings = {"uncertain", "queued", "scheduled"})
  void aLateYesSettlesTheMessageAndItsReceiptsAreFound(String waits) {
    TestApp app = SERVICE.sandboxApp();
    long id = later(app);
    long sender = takenBack(id, waits);
    String providerId = "late-" + id;
    SQL.sql(
            """
            insert into orphan_receipts (sender_id, provider_message_id, kind, at)
            values (?, ?, 'delivered', now())
            """)
        .params(sender, providerId)
        .update();

    SERVICE.bean(SettleDeliveries.class).settle(accepted(app, id, sender, providerId));

    Eventually.value(
        () -> app.api().show(app.id(), id).path("status").asString(), "delivered"::equals);
    assertThat(dispatch(id)).isEqualTo("handed_off");
    assertThat(
            app.api()
                .get(app.path() + "/" + id + "/attempts")
                .data()
                .findPath("outcome")
                .asString())
        .isEqualTo("lease_lost");
    assertThat(app.api().get("/api/events/" + app.id()).body())
        .contains("message.sent")
        .contains("message.delivered");
  }

  /** A bug in whatever listens to one message's change. */
  @Test
  void whatBreaksForOneIsWrittenDownForTheOthers() {
    TestApp app = SERVICE.sandboxApp();
    long bad = later(app);
    long good = later(app);
    StatusListener breaks =
        changes -> {
          if (changes.stream().anyMatch(it -> it.messageId() == bad)) {
            throw new IllegalStateException("a bug");
          }
        };
    try (SettleDeliveries settle =
        new SettleDeliveries(
            SERVICE.bean(Transactions.class),
            SERVICE.bean(JobQueue.class),
            SERVICE.bean(AttemptStore.class),
            SERVICE.bean(ProgressStore.class),
            SERVICE.bean(ApplyReceipts.class),
            SERVICE.bean(CampaignStore.class),
            new Dispatcher(SERVICE.bean(QueueSettings.class)),
            SERVICE.bean(Node.class),
            SERVICE.bean(QueueSettings.class),
            List.of(breaks))) {
      settle.settle(accepted(app, bad, claimed(bad), "id-" + bad));
      settle.settle(accepted(app, good, claimed(good), "id-" + good));
      Eventually.value(() -> dispatch(good), "handed_off"::equals);
      assertThat(dispatch(bad)).as("its lease runs out").isEqualTo("sending");
    }
  }

  private static long later(TestApp app) {
    return app.api()
        .message(
            app.id(),
            "{\"message_content\":\"x\",\"recipient\":\"+15551230000\",\"scheduled_for\":\"%s\"}"
                .formatted(Instant.now().plusSeconds(3600)));
  }

  /** A claim of this node, with the id for a token; returns its sender. */
  private static long claimed(long id) {
    SQL.sql("update messages set dispatch = 'sending' where message_id = ?").param(id).update();
    return SQL.sql(
            """
            update jobs set token = ?, node = gen_random_uuid(), claimed_at = now(), attempt = 1,
                            lease_until = now() + interval '1 minute'
             where id = ? returning lane
            """)
        .params(id, id)
        .query(Long.class)
        .single();
  }

  private static String dispatch(long id) {
    return SQL.sql("select dispatch from messages where message_id = ?")
        .param(id)
        .query(String.class)
        .single();
  }

  /** What the rescue leaves behind. */
  private static long takenBack(long id, String waits) {
    SQL.sql(
            """
            update messages set dispatch = :waits, attempts = 1, hold = :waits = 'uncertain',
                                scheduled_for = null, parked_at = now(), version = 2
             where message_id = :id
            """)
        .param("waits", waits)
        .param("id", id)
        .update();
    SQL.sql("update jobs set attempt = 1, ambiguous = true, crashes = 1 where id = ?")
        .param(id)
        .update();
    SQL.sql(
            """
            insert into message_logs (message_id, version, app_id, at, event, dispatch_from,
                                      dispatch_to, status)
            select message_id, 2, app_id, now(), 'rescued', 'sending', dispatch,
                   message_status(dispatch, null, null, null)
              from messages where message_id = ?
            """)
        .param(id)
        .update();
    SQL.sql(
            """
            insert into attempts (message_id, attempt, app_id, sender_id, started_at, finished_at,
                                  outcome, code)
            select message_id, 1, app_id, sender_id, now(), now(), 'crash', 'crash'
              from messages where message_id = ?
            """)
        .param(id)
        .update();
    return SQL.sql("select sender_id from messages where message_id = ?")
        .param(id)
        .query(Long.class)
        .single();
  }

  private static Settlement accepted(TestApp app, long id, long sender, String providerId) {
    Job job =
        new Job(
            DeliverMessages.KIND,
            id,
            app.id(),
            sender,
            Priority.NORMAL,
            0,
            1,
            0,
            0,
            false,
            id,
            Instant.now(),
            System.nanoTime());
    return new Settlement(
        new Finish.Done(job),
        new Attempt(
            id,
            1,
            app.id(),
            sender,
            Instant.now(),
            Instant.now(),
            Attempt.Outcome.ACCEPTED,
            null,
            null,
            null,
            providerId),
        new Move(
            new AppId(app.id()),
            id,
            Dispatch.SENDING,
            Dispatch.HANDED_OFF,
            "sent",
            1,
            null,
            null,
            providerId));
  }
}
