package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class RescueDeliveriesE2ETest {
  private static final RunningService SERVICE =
      RunningService.start(Map.of(), "--postrider.queue.sweep=1s");
  private static final JdbcClient SQL = SERVICE.database().jdbc();

  /** Or the one that finds the message has a number that no attempt went before. */
  @Test
  void aLookUpWhoseNodeDiesCountsNoAttempt() {
    TestApp app = SERVICE.sandboxApp();
    long id =
        app.api()
            .message(
                app.id(),
                "{\"message_content\":\"x\",\"recipient\":\"+15551230004\",\"on_ambiguous\":\"hold\"}");
    app.api().await(app.id(), id, "uncertain");
    Eventually.value(
        () ->
            SQL.sql(
                    """
                    update jobs set token = 1, node = gen_random_uuid(), attempt = attempt + 1,
                                    claimed_at = now() - interval '1 minute',
                                    lease_until = now() - interval '1 second'
                     where id = ? and token is null
                    """)
                .param(id)
                .update(),
        updated -> updated == 1);
    Eventually.within(
        Duration.ofSeconds(20),
        () ->
            SQL.sql("select attempt from jobs where id = ? and token is null")
                .param(id)
                .query(Integer.class)
                .optional()
                .orElse(0),
        attempt -> attempt == 1);
    assertThat(app.api().show(app.id(), id).path("attempts").asInt()).isEqualTo(1);
  }
}
