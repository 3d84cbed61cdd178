package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.message.Dispatch;
import dev.postrider.message.Move;
import dev.postrider.queue.Finish;
import dev.postrider.queue.Job;
import dev.postrider.queue.Priority;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A node stood still in the middle of a call, its job was taken back, and now it comes with the
 * provider's yes.
 */
class LateAnswerE2ETest {
  private static final RunningService SERVICE = RunningService.start(Map.of());
  private static final JdbcClient SQL = SERVICE.database().jdbc();
  private static final long STALE = 4711;

  @ParameterizedTest
  @ValueSource(strings = {"uncertain", "queued"})
  void itSettlesTheMessageAndItsReceiptsAreFound(String waits) {
    TestApp app = SERVICE.sandboxApp();
    long id =
        app.api()
            .message(
                app.id(),
                "{\"message_content\":\"x\",\"recipient\":\"+15551230000\","
                    + "\"scheduled_for\":\""
                    + Instant.now().plusSeconds(3600)
                    + "\"}");
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
    assertThat(
            SQL.sql("select dispatch from messages where message_id = ?")
                .param(id)
                .query(String.class)
                .single())
        .isEqualTo("handed_off");
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
            STALE,
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
