package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

class DatabaseClockE2ETest {
  private static final Duration AHEAD = Duration.ofHours(2);

  /** The node's clock is two hours behind it: as far as the node can tell, no other has a clock. */
  private static TestDatabase ahead() {
    TestDatabase database = TestDatabase.create();
    JdbcClient operator = database.oneConnection();
    operator.sql("create schema ahead").update();
    for (String name : new String[] {"clock_timestamp", "now", "statement_timestamp"}) {
      operator
          .sql(
              """
              create function ahead.%s() returns timestamptz stable language sql
                  as 'select pg_catalog.%s() + interval ''%d seconds'''
              """
                  .formatted(name, name, AHEAD.toSeconds()))
          .update();
    }
    String name = operator.sql("select current_database()").query(String.class).single();
    operator
        .sql("alter database \"%s\" set search_path = public, ahead, pg_catalog".formatted(name))
        .update();
    return database;
  }

  @Test
  void aNodeWhoseClockIsWrongGivesNoWrongDeadline() {
    try (RunningService node = RunningService.start(ahead(), RunningService.newHome(), Map.of())) {
      TestApp app = node.sandboxApp();
      long id =
          app.api()
              .message(
                  app.id(),
                  """
                  {"message_content":"x","recipient":"+4915112345678","ttl_seconds":60}
                  """);
      JsonNode sent = app.api().await(app.id(), id, "sent");
      assertThat(Instant.parse(sent.path("created_at").asString()))
          .isCloseTo(Instant.now().plus(AHEAD), within(1, ChronoUnit.MINUTES));
    }
  }
}
