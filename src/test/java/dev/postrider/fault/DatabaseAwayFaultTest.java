package dev.postrider.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.simulator.TcpProxy;
import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The wire to the database is cut under the running service, and heals again. */
@Tag("fault")
class DatabaseAwayFaultTest {
  private static final String BODY = "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}";

  @Test
  void refusesAtOnceLosesNothingAndRecovers() {
    TestDatabase database = TestDatabase.create();
    try (TcpProxy wire =
        new TcpProxy(Integer.parseInt(database.environment().get("POSTGRES_PORT")))) {
      Map<String, String> environment = new HashMap<>();
      environment.put("POSTGRES_HOST", "127.0.0.1");
      environment.put("POSTGRES_PORT", Integer.toString(wire.port()));
      try (RunningService service =
          RunningService.start(database, RunningService.newHome(), environment)) {
        TestApp app = service.sandboxApp();
        List<Long> acknowledged = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          acknowledged.add(app.api().message(app.id(), BODY));
        }
        wire.cut();
        Eventually.value(() -> service.admin().get("/health/ready").status(), it -> it == 503);
        assertThat(service.admin().get("/").json().path("data").path("is_db_connected").asBoolean())
            .isFalse();
        assertThat(service.admin().get("/health/ready").header("Retry-After")).isEqualTo("2");
        assertThat(service.admin().get("/health/live").status()).isEqualTo(200);
        for (int i = 0; i < 20; i++) {
          long start = System.nanoTime();
          Api.Answer refused =
              app.api().post(app.path(), BODY, Map.of("Idempotency-Key", "away-" + i));
          assertThat(refused.status()).isEqualTo(503);
          assertThat(refused.header("Retry-After")).isNotEmpty();
          assertThat(refused.json().path("code").asString()).isEqualTo("unavailable");
          assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        }
        wire.heal();
        Eventually.value(() -> service.admin().get("/health/ready").status(), it -> it == 200);
        long again = app.api().message(app.id(), BODY);
        app.api().await(app.id(), again, "delivered");
        for (long id : acknowledged) {
          Eventually.within(
              Duration.ofSeconds(60),
              () -> app.api().show(app.id(), id).path("status").asString(),
              "delivered"::equals);
        }
        long stored =
            database
                .jdbc()
                .sql("select count(*) from messages where app_id = :app")
                .param("app", app.id())
                .query(Long.class)
                .single();
        assertThat(stored).as("what was refused was not stored").isEqualTo(51);
      }
    }
  }

  /**
   * No reset, no answer: connections that were open stay silent for ever, and a commit waits on one
   * of them when it begins. Without being hung up on, it would wait for half a minute.
   */
  @Test
  void isBackWithinTenSecondsOfASilentDatabase() throws Exception {
    TestDatabase database = TestDatabase.create();
    try (TcpProxy wire =
        new TcpProxy(Integer.parseInt(database.environment().get("POSTGRES_PORT")))) {
      Map<String, String> environment = new HashMap<>();
      environment.put("POSTGRES_HOST", "127.0.0.1");
      environment.put("POSTGRES_PORT", Integer.toString(wire.port()));
      try (RunningService service =
          RunningService.start(database, RunningService.newHome(), environment)) {
        TestApp app = service.sandboxApp();
        app.api().message(app.id(), BODY);
        wire.blackhole();
        List<Thread> caught = new ArrayList<>();
        Eventually.value(
            () -> {
              caught.add(Thread.ofVirtual().start(() -> app.api().post(app.path(), BODY)));
              return service.admin().get("/health/ready").status();
            },
            it -> it == 503);
        assertThat(caught).as("callers before it was noticed").hasSizeGreaterThan(20);
        long noticed = System.nanoTime();
        for (Thread caller : caught) {
          caller.join();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - noticed))
            .as("none of them waits for another's time-out")
            .isLessThan(Duration.ofSeconds(6));
        long asked = System.nanoTime();
        assertThat(app.api().post(app.path(), BODY).status()).isEqualTo(503);
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(2));
        wire.heal();
        Eventually.within(
            Duration.ofSeconds(10),
            () -> app.api().post(app.path(), BODY).status(),
            it -> it == 201);
      }
    }
  }

  /** It answers, and nothing can be stored: as PostgreSQL refuses what needs more of the disk. */
  @Test
  void saysThatItIsFullAndTakesMessagesWhenItHasRoom() {
    try (RunningService service = RunningService.start(Map.of())) {
      TestApp app = service.sandboxApp();
      long before = app.api().message(app.id(), BODY);
      var database = service.database().jdbc();
      database
          .sql(
              """
              create function full_disk() returns trigger language plpgsql as $$
              begin
                raise 'could not extend file' using errcode = '53100';
              end $$;
              create function full_disk_too() returns event_trigger language plpgsql as $$
              begin
                raise 'could not extend file' using errcode = '53100';
              end $$;
              create trigger full_disk before insert on messages
                 for each row execute function full_disk();
              create event trigger full_disk on ddl_command_start when tag in ('CREATE TABLE', 'CREATE TABLE AS')
                 execute function full_disk_too();
              """)
          .update();
      Api.Answer refused = app.api().post(app.path(), BODY);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.json().path("detail").asString())
          .contains("no room", "nothing was stored");
      Eventually.value(
          () -> service.admin().get("/health/ready").json().path("database").asString(),
          "full"::equals);
      Eventually.holds(
          Duration.ofSeconds(3),
          () ->
              service
                  .admin()
                  .get("/health/ready")
                  .json()
                  .path("database")
                  .asString()
                  .equals("full"));
      assertThat(app.api().show(app.id(), before).path("message_id").asLong()).isEqualTo(before);
      database.sql("drop event trigger full_disk; drop trigger full_disk on messages").update();
      Eventually.value(() -> service.admin().get("/health/ready").status(), it -> it == 200);
      app.api().await(app.id(), app.api().message(app.id(), BODY), "delivered");
    }
  }
}
