package dev.postrider.campaign;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.postrider.campaign.Journals.Called;
import dev.postrider.campaign.Journals.Hurt;
import dev.postrider.campaign.Reports.Habit;
import dev.postrider.message.Dispatch;
import dev.postrider.simulator.MailSimulator;
import dev.postrider.simulator.TcpProxy;
import dev.postrider.simulator.WahaSimulator;
import dev.postrider.simulator.WahaSimulator.Call;
import dev.postrider.simulator.WahaSimulator.Mood;
import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.PostgresProcess;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/**
 * One run: a PostgreSQL, nodes, a provider, callers, the wires between them, and the journals. Its
 * seed decides everything that is left to chance here; timing is the machine's.
 */
final class Campaign implements AutoCloseable {
  private static final String PROVIDER_KEY = "canary-provider-key-8d1f0c";

  /** Few enough that order matters, and enough that what goes wrong leaves some alone. */
  private static final int RECIPIENTS = 400;

  private static final AtomicInteger RUNS = new AtomicInteger();

  /** One server for all runs of this JVM; a run that kills it starts it again. */
  private static final PostgresProcess POSTGRES = startPostgres();

  /** What is to be run. */
  record Setup(
      int nodes,
      Map<String, String> environment,
      List<String> options,
      @Nullable Path overlay,
      Duration leaseAndSweep) {

    /** The defaults, as they are shipped. */
    static Setup of(int nodes) {
      return new Setup(
          nodes,
          Map.of(),
          List.of("--postrider.delivery.uncertain-for=20s"),
          null,
          Duration.ofSeconds(35));
    }

    /** Shorter waits, so that a run takes seconds: the formulas are the same. */
    static Setup quick(int nodes) {
      return of(nodes)
          .options(
              "--postrider.queue.lease=17s",
              "--postrider.queue.start-within=1s",
              "--postrider.queue.sweep=1s",
              "--postrider.delivery.first-retry=500ms",
              "--postrider.delivery.retry-factor=2",
              "--postrider.delivery.longest-retry=2s",
              "--postrider.circuit.first-wait=200ms",
              "--postrider.circuit.longest-wait=2s",
              "--postrider.delivery.look-up-every=1s")
          .bound(Duration.ofSeconds(18));
    }

    Setup options(String... more) {
      List<String> all = new ArrayList<>(options);
      for (String option : more) {
        String name = option.substring(0, option.indexOf('=') + 1);
        all.removeIf(earlier -> earlier.startsWith(name));
        all.add(option);
      }
      return new Setup(nodes, environment, all, overlay, leaseAndSweep);
    }

    /** How long a claim holds. */
    Duration lease() {
      String option = "--postrider.queue.lease=";
      return options.stream()
          .filter(it -> it.startsWith(option))
          .map(it -> Duration.parse("PT" + it.substring(option.length())))
          .findFirst()
          .orElse(Duration.ofSeconds(30));
    }

    Setup overlay(Path classes) {
      return new Setup(nodes, environment, options, classes, leaseAndSweep);
    }

    /** For how long, at most, what a node has left behind stays so. */
    Setup bound(Duration bound) {
      return new Setup(nodes, environment, options, overlay, bound);
    }
  }

  /**
   * Where runs go on at a time: a start takes a core, and what is measured beside it would wait.
   */
  private static final Semaphore STARTS = new Semaphore(2);

  private final String name;
  private final Setup setup;
  private final long seed = Seed.value();
  private final Random random;
  private final Path folder;
  private final Journals journals;
  private final String databaseName = "run_" + RUNS.incrementAndGet();

  /**
   * Kept open: a run asks hundreds of questions, and PostgreSQL starts a process for each new one.
   */
  private final HikariDataSource database;

  private final WahaSimulator waha = new WahaSimulator(PROVIDER_KEY);
  private final TcpProxy providerWire = new TcpProxy(URI.create(waha.url()).getPort());
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tenant> tenants = new ConcurrentHashMap<>();
  private final Callers callers;
  private final Reports reports;
  private final Watch watch;
  private final Pulse pulse;
  private final Checker checker;
  private volatile Consumer<Call> onTaken = _ -> {};

  private Campaign(String name, Setup setup) {
    this.name = name;
    this.setup = setup;
    this.random = new Random(seed ^ name.hashCode());
    this.folder = folder(name);
    this.journals = new Journals(folder);
    DataSource direct = POSTGRES.create(databaseName);
    HikariConfig pool = new HikariConfig();
    pool.setDataSource(direct);
    pool.setMinimumIdle(0);
    this.database = new HikariDataSource(pool);
    this.callers = new Callers(this::apis, journals.callers);
    this.reports =
        new Reports(this::apis, this::bySession, journals.receipts, new Random(random.nextLong()));
    this.checker = new Checker(database, journals, folder);
    waha.listener(this::called);
    STARTS.acquireUninterruptibly();
    try {
      for (int i = 0; i < setup.nodes(); i++) {
        nodes.add(prepare(i));
      }
      nodes.forEach(Node::awaitReady);
    } finally {
      STARTS.release();
    }
    watch = new Watch(() -> nodes, journals.samples);
    pulse = new Pulse(direct, journals.nemesis);
  }

  private static PostgresProcess startPostgres() {
    PostgresProcess server = PostgresProcess.start(RunningService.newHome());
    Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    return server;
  }

  static Campaign start(String name, Setup setup) {
    return new Campaign(name, setup);
  }

  private static Path folder(String name) {
    Path folder = Path.of("target", "campaign", name);
    try {
      if (Files.isDirectory(folder)) {
        org.springframework.util.FileSystemUtils.deleteRecursively(folder);
      }
      return Files.createDirectories(folder).toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Node prepare(int number) {
    TcpProxy wire = new TcpProxy(POSTGRES.port());
    Map<String, String> environment =
        new HashMap<>(PostgresProcess.environment(databaseName, wire.port()));
    environment.put("POSTRIDER_ADMIN_KEY", "pr_admin_campaign-4b7e19a2c5d80f63");
    environment.put("POSTRIDER_MASTER_KEY", "Y2FtcGFpZ24tbWFzdGVyLWtleS0wMTIzNDU2Nzg5YWI=");
    environment.putAll(setup.environment());
    Path home = folder.resolve("node-" + number);
    return new Node(
        "node-" + number,
        home,
        ServiceProcess.in(home)
            .environment(environment)
            .options(setup.options())
            .overlay(setup.overlay()),
        wire,
        journals.nemesis);
  }

  private void called(Call call) {
    journals.provider.write(
        new Called(
            call.at(),
            call.session(),
            "+" + call.chatId().replaceFirst("@.*", ""),
            call.text(),
            call.mood().name(),
            call.taken(),
            call.taken() ? call.key() : null,
            seconds(call.retryAfter())));
    if (call.taken()) {
      onTaken.accept(call);
      reports.taken(call);
    }
  }

  /** Who else is told of a message that was taken, before its send is answered. */
  void onTaken(Consumer<Call> told) {
    onTaken = told;
  }

  private static @Nullable Integer seconds(String retryAfter) {
    return retryAfter.matches("[0-9]{1,9}") ? (Integer) Integer.parseInt(retryAfter) : null;
  }

  private Tenant bySession(String session) {
    return java.util.Objects.requireNonNull(tenants.get(session), session);
  }

  List<Api> apis() {
    return nodes.stream().map(Node::api).toList();
  }

  List<Node> nodes() {
    return nodes;
  }

  Node node(int number) {
    return nodes.get(number);
  }

  WahaSimulator provider() {
    return waha;
  }

  /** The wire between the nodes and the provider. */
  TcpProxy providerWire() {
    return providerWire;
  }

  Callers callers() {
    return callers;
  }

  Reports reports() {
    return reports;
  }

  Random random() {
    return random;
  }

  JdbcClient sql() {
    return JdbcClient.create(database);
  }

  /** Where this run's journals and logs are. */
  Path folderOfRun() {
    return folder;
  }

  /** An application whose sends take part in the run; a second of a name gets a number. */
  Tenant tenant(String wanted, String... settings) {
    // Without ids of our own choosing nothing can be looked up: repeats must be journalled.
    String more =
        "," + (settings.length == 0 ? "\"choose_ids\":false" : String.join(",", settings));
    Tenant tenant =
        tenant(
            wanted,
            session ->
                """
                {"provider":"waha","settings":{"base_url":"http://127.0.0.1:%d","session":"%s"%s},"credentials":{"api_key":"%s","hmac_key":"%s"}}
                """
                    .formatted(providerWire.port(), session, more, PROVIDER_KEY, hmacKey(session)));
    waha.session(tenant.session(), "WORKING");
    return tenant;
  }

  /**
   * An application that sends by a mail server of its own.
   *
   * @param security as the sender's setting says it
   */
  Tenant tenant(String wanted, MailSimulator mail, String security) {
    Tenant tenant =
        tenant(
            wanted,
            session ->
                """
                {"provider":"smtp","address":"%s@example.org","settings":{"host":"127.0.0.1","port":"%d","security":"%s"}}
                """
                    .formatted(session, mail.port(), security));
    mail.listener(it -> {
      journals.provider.write(
          new Called(
              it.at(),
              tenant.session(),
              it.recipient(),
              it.text(),
              it.mood().toString(),
              it.taken(),
              it.taken() ? it.messageId() : null,
              null));
    });
    return tenant;
  }

  private static String hmacKey(String session) {
    return "canary-hmac-" + session + "-5f2a";
  }

  private Tenant tenant(String wanted, UnaryOperator<String> senderOf) {
    String tenantName = wanted;
    for (int n = 2; tenants.containsKey(session(tenantName)); n++) {
      tenantName = wanted + " " + n;
    }
    Api admin = nodes.getFirst().api();
    JsonNode app =
        admin.post("/api/applications", "{\"app_name\":\"%s\"}".formatted(tenantName)).data();
    String session = session(tenantName);
    Api.Answer sender =
        admin.post(
            "/api/applications/" + app.path("app_id").asLong() + "/senders",
            senderOf.apply(session));
    if (sender.status() != 201) {
      throw new AssertionError(sender.body());
    }
    Tenant tenant =
        new Tenant(
            tenantName,
            app.path("app_id").asLong(),
            app.path("api_key").asString(),
            sender.data().path("sender_id").asLong(),
            session,
            hmacKey(session));
    tenants.put(session, tenant);
    journals.tenants.write(new Journals.Tenant(tenant.app(), tenant.sender(), session, tenantName));
    checker.secret(tenant.key());
    checker.secret(tenant.hmacKey());
    checker.secret(PROVIDER_KEY);
    return tenant;
  }

  /** Paces a tenant's sender from now on. */
  void pace(Tenant tenant, int perSecond) {
    Api.Answer answer =
        nodes
            .getFirst()
            .api()
            .put(
                "/api/applications/" + tenant.app() + "/senders/" + tenant.sender() + "/policy",
                "{\"pacing\":{\"per_second\":%d}}".formatted(perSecond));
    if (answer.status() != 200) {
      throw new AssertionError(answer.body());
    }
  }

  /** Holds what a tenant's sender has to send. */
  void pause(Tenant tenant) {
    orderSender(tenant, "pause");
  }

  void resume(Tenant tenant) {
    orderSender(tenant, "resume");
  }

  private void orderSender(Tenant tenant, String order) {
    Api.Answer answer =
        nodes
            .getFirst()
            .api()
            .post(
                "/api/applications/" + tenant.app() + "/senders/" + tenant.sender() + "/" + order,
                "");
    if (answer.status() / 100 != 2) {
      throw new AssertionError(answer.body());
    }
  }

  private static String session(String tenantName) {
    return tenantName.replaceAll("[^A-Za-z0-9]", "-");
  }

  /** A tenant made before. */
  Tenant known(String tenantName) {
    return bySession(session(tenantName));
  }

  private final AtomicInteger ops = new AtomicInteger();

  /** A new operation of this tenant, to one of some hundred recipients. */
  Op op(Tenant tenant) {
    int number = ops.incrementAndGet();
    return Op.of(
        "canary-op-%06d".formatted(number),
        tenant,
        "+4915123%06d".formatted(100_000 + number % RECIPIENTS));
  }

  List<Op> ops(Tenant tenant, int count) {
    List<Op> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(op(tenant));
    }
    return all;
  }

  /** Posts them beside what callers do already, without waiting. */
  void submitAll(List<Op> more) {
    more.forEach(callers::submit);
  }

  /** A caller calls a message back; whether it is told yes. */
  boolean cancel(Tenant tenant, long message) {
    Api.Answer answer =
        nodes
            .getFirst()
            .api()
            .as(tenant.key())
            .post(tenant.messages() + "/" + message + "/cancel", "");
    boolean canceled = answer.status() == 200;
    if (canceled) {
      hurt("cancel", Long.toString(message));
    }
    return canceled;
  }

  void hurt(String action, String target) {
    journals.nemesis.write(new Hurt(Instant.now(), action, target));
  }

  /** kill -9 of PostgreSQL, all of it. */
  void killPostgres() {
    hurt("kill", "postgres");
    POSTGRES.kill();
    database.getHikariPoolMXBean().softEvictConnections();
  }

  void restartPostgres() {
    POSTGRES.restart();
    hurt("heal", "postgres");
  }

  void healWires() {
    nodes.forEach(node -> node.wire().heal());
    providerWire.heal();
    hurt("heal", "wires");
  }

  /** Notes which messages have ended: they must never change their end again. */
  void snapshot() {
    checker.snapshot();
  }

  /** Waits until the condition holds. */
  static void until(java.util.function.BooleanSupplier condition, Duration atMost) {
    Eventually.within(atMost, condition::getAsBoolean, it -> it);
  }

  /** Lets the fault last. */
  static void last(Duration time) {
    java.util.concurrent.locks.LockSupport.parkNanos(time.toNanos());
  }

  /** No more faults, no more calls; waits until the service has nothing left to do. */
  void quiesce() {
    callers.rest();
    waha.always(Mood.FINE);
    waha.takes(Duration.ZERO);
    healWires();
    reviveNodes();
    callers.askAgain();
    snapshot();
    until(() -> remaining() == 0, setup.leaseAndSweep().plusSeconds(40));
    reports.settle();
    reports.habit(Habit.NEVER);
    // A receipt that crossed with the end of its attempt is joined a moment later.
    until(() -> crossed() == 0, Duration.ofSeconds(15));
    hurt("quiet", "all");
  }

  /** The same for a service that may never come to rest: the checker says what is left. */
  void quiesceOrGiveUp() {
    try {
      quiesce();
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      hurt("restless", e.getClass().getSimpleName());
    }
  }

  private long remaining() {
    return sql()
        .sql(
            """
            select count(*) from jobs
             where kind <> 'notify' and run_at < now() + interval '10 minutes'
            """)
        .query(Long.class)
        .single();
  }

  private long crossed() {
    return sql()
        .sql(
            """
            select count(*) from orphan_receipts o join attempts a
              on a.sender_id = o.sender_id and a.provider_message_id = o.provider_message_id
            """)
        .query(Long.class)
        .single();
  }

  /** How many of a tenant's messages the provider has taken, as far as the service knows. */
  int handedOff(Tenant tenant) {
    return sql()
        .sql("select count(*) from messages where app_id = ? and dispatch = 'handed_off'")
        .param(tenant.app())
        .query(Integer.class)
        .single();
  }

  /** How many messages stand here on the dispatch axis. */
  int standing(Dispatch dispatch) {
    return sql()
        .sql("select count(*) from messages where dispatch = ?")
        .param(dispatch.word())
        .query(Integer.class)
        .single();
  }

  /** How many messages there are. */
  int stored() {
    return sql().sql("select count(*) from messages").query(Integer.class).single();
  }

  /** The most claims a message has had that led, or may have led, to a call. */
  int mostAttempts() {
    return sql().sql("select max(attempts) from messages").query(Integer.class).single();
  }

  /** How often the nodes logged an event. */
  long logged(String event) {
    String wanted = "\"message\":\"" + event + "\"";
    return nodes.stream()
        .flatMap(node -> Checker.read(node.log()).lines())
        .filter(line -> line.contains(wanted))
        .count();
  }

  /** A fault that did not occur proves nothing. */
  static void occurred(String what, long times, long atLeast) {
    if (times < atLeast) {
      throw new AssertionError(
          "VACUOUS: %s is %d, at least %d were meant".formatted(what, times, atLeast));
    }
  }

  /** Starts what is down, waits until all are there. */
  void reviveNodes() {
    nodes.stream().filter(node -> !node.isAlive()).forEach(Node::begin);
    nodes.forEach(Node::awaitReady);
  }

  /** Decides what the run showed. */
  Verdict verdict() {
    return verdict(EnumSet.allOf(Invariant.class));
  }

  /** Decides only these: for a run whose callers keep no journal. */
  Verdict verdict(Set<Invariant> asked) {
    watch.look();
    Verdict verdict =
        checker.check(name, seed, setup.lease(), nodes.stream().map(Node::log).toList(), asked);
    verdict.print();
    return verdict;
  }

  @Override
  public void close() {
    watch.close();
    pulse.close();
    callers.close();
    nodes.forEach(Node::close);
    providerWire.close();
    waha.close();
    journals.close();
    database.close();
    POSTGRES.drop(databaseName);
  }
}
