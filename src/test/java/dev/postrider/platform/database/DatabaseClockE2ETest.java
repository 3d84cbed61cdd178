package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.postrider.testing.Eventually;
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

  /** Its clock is ahead of the node's by so much. */
  private static TestDatabase ahead(TestDatabase database, Duration by) {
    JdbcClient operator = database.oneConnection();
    operator.sql("create schema ahead").update();
    for (String name : new String[] {"clock_timestamp", "now", "statement_timestamp"}) {
      operator
          .sql(
              """
              create function ahead.%s() returns timestamptz stable language sql
                  as 'select pg_catalog.%s() + interval ''%d seconds'''
              """
                  .formatted(name, name, by.toSeconds()))
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
    try (RunningService node =
        RunningService.start(
            ahead(TestDatabase.create(), AHEAD), RunningService.newHome(), Map.of())) {
      TestApp app = node.sandboxApp();
      long id =
          app.api()
              .message(
                  app.id(),
                  """
                  {"message_content":"x","recipient":"+4915112345678","ttl_seconds":60}
                  """);
      JsonNode sent = app.api().await(app.id(), id, "delivered");
      assertThat(Instant.parse(sent.path("created_at").asString()))
          .isCloseTo(Instant.now().plus(AHEAD), within(1, ChronoUnit.MINUTES));
    }
  }

  /** That it learns the time at its start is no set-back of the database's clock. */
  @Test
  void aNodeThatIsAheadForgetsNobodysLimits() {
    TestDatabase database = ahead(TestDatabase.migrated(), AHEAD.negated());
    JdbcClient operator = database.oneConnection();
    operator
        .sql(
            """
            insert into rate_limits (id, state, expires_at)
            values (1, '', (extract(epoch from now() + interval '1 minute') * 1000)::bigint)
            """)
        .update();
    try (RunningService node = RunningService.start(database, RunningService.newHome(), Map.of())) {
      // It looks each second.
      Eventually.holds(
          Duration.ofSeconds(3),
          () -> operator.sql("select count(*) = 1 from rate_limits").query(Boolean.class).single());
      assertThat(node.admin().get("/health/ready").status()).isEqualTo(200);
    }
  }
}
