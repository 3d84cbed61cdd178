package dev.postrider.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.simulator.WahaSimulator;
import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.ServiceProcess;
import dev.postrider.testing.Signals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/**
 * The real process is killed or stopped in the middle of a thousand messages, and started again.
 * Mostly it waits for leases: its tests wait together.
 */
@Tag("fault")
class CrashFaultTest {
  private static final int MESSAGES = 1000;
  private static final List<String> EXPLAINS = List.of("crash", "lease_lost", "unclear");

  private final Path home = RunningService.newHome();
  private WahaSimulator waha;
  private long app;
  private String key;

  @BeforeEach
  void simulate() {
    waha = new WahaSimulator("waha-key");
    waha.takes(Duration.ofMillis(60));
  }

  @AfterEach
  void end() {
    waha.close();
  }

  /** What a node leaves behind is taken back in half the time; the formulas are the same. */
  private ServiceProcess start() {
    return ServiceProcess.in(home)
        .options(
            List.of(
                "--postrider.queue.lease=17s",
                "--postrider.queue.start-within=1s",
                "--postrider.queue.sweep=1s"))
        .start();
  }

  /** Ctrl-C, or a supervisor that has changed its mind. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aStartThatIsStoppedLeavesNothingRunning() {
    Path server = home.resolve("postgres").resolve("postmaster.pid");
    try (ServiceProcess service = ServiceProcess.in(home).begin()) {
      Eventually.within(Duration.ofSeconds(60), () -> Files.exists(server), it -> it);
      assertThat(service.stop()).isZero();
    }
    assertThat(server).doesNotExist();
  }

  /** While it unpacks, and while it creates its database: what is half there is done again. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aFirstStartThatIsKilledIsBegunAgain() throws Exception {
    Path binaries = home.resolve("postgres-binaries");
    try (ServiceProcess service = ServiceProcess.in(home).begin()) {
      Eventually.within(Duration.ofSeconds(60), () -> Files.exists(binaries), it -> it);
      service.kill();
    }
    Path configuration = home.resolve("postgres").resolve("postgresql.conf");
    try (ServiceProcess service = ServiceProcess.in(home).begin()) {
      Eventually.within(Duration.ofSeconds(60), () -> Files.exists(configuration), it -> it);
      service.kill();
    }
    try (ServiceProcess service = start()) {
      send(service);
      assertThat(service.stop()).isZero();
    }
    assertThat(Files.readString(ServiceProcess.log(home)))
        .contains("postgres.unpacked_again")
        .contains("postgres.created_again");
    try (ServiceProcess service = start()) {
      assertThat(service.stop()).isZero();
    }
    assertThat(Files.readAllLines(ServiceProcess.log(home)))
        .as("once only")
        .filteredOn(it -> it.contains("postgres.created_again"))
        .hasSize(1);
  }

  private void send(ServiceProcess service) {
    JsonNode created = service.admin().post("/api/applications", "{\"app_name\":\"crash\"}").data();
    app = created.path("app_id").asLong();
    key = created.path("api_key").asString();
    // Without ids of our own choosing nothing can be looked up: repeats must be journalled.
    Api.Answer sender =
        service
            .admin()
            .post(
                "/api/applications/" + app + "/senders",
                "{\"provider\":\"waha\",\"settings\":{\"base_url\":\""
                    + waha.url()
                    + "\",\"choose_ids\":false},\"credentials\":{\"api_key\":\"waha-key\"}}");
    assertThat(sender.status()).as(sender.body()).isEqualTo(201);
    StringBuilder batch = new StringBuilder("{\"messages\":[");
    for (int i = 0; i < MESSAGES; i++) {
      batch
          .append(i == 0 ? "" : ",")
          .append(
              "{\"message_content\":\"canary-%d\",\"recipient\":\"+49151%08d\"}".formatted(i, i));
    }
    Api.Answer accepted =
        service
            .admin()
            .as(key)
            .post("/api/messages/" + app + "/batch", batch.append("]}").toString());
    assertThat(accepted.data().path("accepted").asInt()).isEqualTo(MESSAGES);
  }

  private void awaitAllSent(Api api) {
    Eventually.within(
        Duration.ofSeconds(90),
        () ->
            api.get("/api/metrics/" + app).data().path("total").path("counts").path("sent").asInt(),
        sent -> sent == MESSAGES);
  }

  private Map<String, Long> arrivalsByText() {
    return waha.arrivals().stream()
        .collect(Collectors.groupingBy(WahaSimulator.Arrival::text, Collectors.counting()));
  }

  private Map<String, Long> messageIds(Api api) {
    Map<String, Long> ids = new HashMap<>();
    String cursor = "";
    do {
      JsonNode page = api.get("/api/messages/" + app + "?limit=200" + cursor).data();
      page.path("items")
          .forEach(
              it -> ids.put(it.path("message_content").asString(), it.path("message_id").asLong()));
      cursor =
          page.path("next_cursor").isNull() ? "" : "&cursor=" + page.path("next_cursor").asString();
    } while (!cursor.isEmpty());
    return ids;
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void losesNothingAndExplainsEveryRepeatAfterKillMinusNine() throws Exception {
    try (ServiceProcess service = start()) {
      send(service);
      Eventually.value(waha::count, it -> it > MESSAGES / 4);
      service.kill();
    }
    int atKill = waha.count();
    assertThat(atKill).as("the kill came in the middle").isBetween(MESSAGES / 4, MESSAGES - 100);

    try (ServiceProcess service = start()) {
      Api api = service.admin().as(key);
      awaitAllSent(api);
      Map<String, Long> arrivals = arrivalsByText();
      assertThat(arrivals).as("every message arrived").hasSize(MESSAGES);
      Map<String, Long> ids = messageIds(api);
      assertThat(ids).as("every message is stored").hasSize(MESSAGES);

      List<String> repeated =
          arrivals.entrySet().stream()
              .filter(it -> it.getValue() > 1)
              .map(Map.Entry::getKey)
              .toList();
      assertThat(repeated).as("a kill in the middle of calls repeats some").isNotEmpty();
      for (String text : repeated) {
        JsonNode attempts =
            api.get("/api/messages/" + app + "/" + ids.get(text) + "/attempts")
                .data()
                .path("items");
        long explaining =
            attempts
                .valueStream()
                .filter(it -> EXPLAINS.contains(it.path("outcome").asString()))
                .count();
        assertThat(arrivals.get(text))
            .as(text + " " + attempts)
            .isLessThanOrEqualTo(1 + explaining);
      }
      assertThat(service.stop()).isZero();
    }
    String log = Files.readString(ServiceProcess.log(home));
    assertThat(log).contains("jobs.rescued").contains("postgres.leftover_stopped");
    assertThat(log).doesNotContain("canary-").doesNotContain("+4915100000").doesNotContain(key);
    assertThat(log.lines().filter(it -> !it.isBlank()))
        .allMatch(it -> it.startsWith("{"), "one JSON object a line");
  }

  /** A system that runs out of memory ends what is largest, and asks nobody. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void goesOnWhenItsPostgresIsKilled() throws Exception {
    Path server = home.resolve("postgres").resolve("postmaster.pid");
    try (ServiceProcess service = start()) {
      send(service);
      Eventually.value(waha::count, it -> it > MESSAGES / 4);
      Signals.send("KILL", Long.parseLong(Files.readAllLines(server).getFirst().strip()));
      assertThat(waha.count()).as("the kill came in the middle").isLessThan(MESSAGES);
      awaitAllSent(service.admin().as(key));
      assertThat(arrivalsByText()).as("every message arrived").hasSize(MESSAGES);
      assertThat(service.stop()).isZero();
    }
    assertThat(server).doesNotExist();
    String log = Files.readString(ServiceProcess.log(home));
    assertThat(log).contains("postgres.ended").contains("database.back");
    assertThat(log.lines().filter(it -> it.contains("postgres.started"))).hasSize(2);
  }

  /** A supervisor that signals all that it has started, and a host that is shut down. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void repeatsNothingWhenItsPostgresIsToldToStopAsWell() throws Exception {
    waha.takes(Duration.ofSeconds(4));
    Path server = home.resolve("postgres").resolve("postmaster.pid");
    try (ServiceProcess service = start()) {
      send(service);
      Eventually.value(waha::count, it -> it >= 16);
      long postmaster = Long.parseLong(Files.readAllLines(server).getFirst().strip());
      List<ProcessHandle> backends =
          ProcessHandle.allProcesses()
              .filter(it -> it.parent().filter(of -> of.pid() == postmaster).isPresent())
              .toList();
      service.terminate();
      Signals.send("TERM", postmaster);
      backends.forEach(ProcessHandle::destroy);
      assertThat(service.stop()).as("exit code").isZero();
    }
    waha.takes(Duration.ofMillis(5));
    try (ServiceProcess service = start()) {
      awaitAllSent(service.admin().as(key));
      assertThat(arrivalsByText().values()).hasSize(MESSAGES).allMatch(it -> it == 1);
    }
    assertThat(Files.readString(ServiceProcess.log(home))).contains("postgres.ended");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void repeatsNothingAfterAGracefulStop() throws Exception {
    try (ServiceProcess service = start()) {
      send(service);
      Eventually.value(waha::count, it -> it > MESSAGES / 4);
      assertThat(service.stop()).as("exit code").isZero();
    }
    assertThat(waha.count()).as("the stop came in the middle").isLessThan(MESSAGES);
    assertThat(Files.readAllLines(ServiceProcess.log(home)))
        .as("an orderly stop is nothing to worry about")
        .noneMatch(it -> it.contains("\"WARN\"") || it.contains("\"ERROR\""));
    try (ServiceProcess service = start()) {
      Api api = service.admin().as(key);
      awaitAllSent(api);
      assertThat(arrivalsByText().values()).hasSize(MESSAGES).allMatch(it -> it == 1);
      Map<Integer, Long> attempts =
          messageIds(api).values().stream()
              .limit(50)
              .map(id -> api.show(app, id).path("attempts").asInt())
              .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
      assertThat(attempts).as("no attempt was burned").containsOnlyKeys(1);
    }
  }
}
