package dev.postrider.bench;

import dev.postrider.simulator.WahaSimulator;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * The service as its own process, a WAHA simulator beside it, and what every scenario asks of them.
 */
final class Rig implements AutoCloseable {
  private static final String WAHA_KEY = "bench-waha-key";
  static final String HMAC_KEY = "bench-hmac-key";

  private final Path home;
  private final WahaSimulator waha = new WahaSimulator(WAHA_KEY);
  private final ServiceProcess service;
  private final double firstStartSeconds;
  private int applications;

  private Rig() throws Exception {
    Path root = Path.of(System.getProperty("postrider.root", ".")).toAbsolutePath().normalize();
    home = Files.createTempDirectory("postrider-bench");
    waha.onlyCount();
    try (ServiceProcess first = ServiceProcess.start(root, home)) {
      firstStartSeconds = first.startSeconds();
    }
    service = ServiceProcess.start(root, home);
  }

  static Rig start() throws Exception {
    Rig rig = new Rig();
    System.out.printf(
        "first start            %8.1f s (unpacks and creates PostgreSQL)%n", rig.firstStartSeconds);
    System.out.printf("start to ready         %8.1f s%n", rig.service.startSeconds());
    return rig;
  }

  ServiceProcess service() {
    return service;
  }

  WahaSimulator waha() {
    return waha;
  }

  String wahaKey() {
    return WAHA_KEY;
  }

  /** An application with a sender of its own on the simulator. */
  record App(long id, long sender, String key, String session) {
    String messages() {
      return "/api/messages/" + id;
    }
  }

  App app() throws Exception {
    String admin = service.adminKey();
    String session = "bench-" + ++applications;
    String created = service.post("/api/applications", admin, "{\"app_name\":\"" + session + "\"}");
    String app = ServiceProcess.field(created, "\"app_id\":(\\d+)");
    String sender =
        service.post(
            "/api/applications/" + app + "/senders",
            admin,
            "{\"provider\":\"waha\",\"settings\":{\"base_url\":\"%s\",\"session\":\"%s\"},\"credentials\":{\"api_key\":\"%s\",\"hmac_key\":\"%s\"}}"
                .formatted(waha.url(), session, WAHA_KEY, HMAC_KEY));
    waha.session(session, "WORKING");
    return new App(
        Long.parseLong(app),
        Long.parseLong(ServiceProcess.field(sender, "\"sender_id\":(\\d+)")),
        ServiceProcess.field(created, "\"api_key\":\"([^\"]+)\""),
        session);
  }

  /** Short texts to any of a hundred million numbers. */
  static IntFunction<byte[]> texts(App app) {
    return n -> Caller.post(app.messages(), app.key(), text(n, ""));
  }

  static String text(int n, String more) {
    return "{\"message_content\":\"Your code is %d. It is good for five minutes.\",\"recipient\":\"+49151%08d\"%s}"
        .formatted(n, ThreadLocalRandom.current().nextInt(100_000_000), more);
  }

  Load load(int callers, IntFunction<byte[]> requests) {
    return new Load(service.port(), callers, requests);
  }

  /** Runs until the compiler has seen the code often enough, and waits until nothing is left. */
  void warmUp(App app, int callers, double seconds) throws Exception {
    load(callers, texts(app)).run(seconds, 0);
    awaitEnds(app);
  }

  /** A condition that may fail to be asked for. */
  interface Condition {
    boolean holds() throws Exception;
  }

  /** Polls until it holds; a bench that waits in vain has measured nothing. */
  static void until(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("waited in vain until " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  /** Waits until none of an application's messages is on its way any more. */
  void awaitEnds(App app) throws Exception {
    awaitEnds("app_id = " + app.id());
  }

  void awaitEnds(String which) throws Exception {
    String left = "select count(*) from jobs where run_at <= now() and " + which;
    until("nothing is left of " + which, () -> number(left) == 0);
  }

  /**
   * How long messages took from their acceptance to their first attempt, p99 in milliseconds, of
   * those accepted after a moment of {@link #now}.
   */
  double waitMillis(String which, double since) throws Exception {
    return number(
        """
        select percentile_disc(0.99) within group
                 (order by extract(epoch from a.started_at - m.created_at) * 1000)
          from messages m join attempts a using (message_id)
         where a.attempt = 1 and m.%s and m.created_at > to_timestamp(%f)
        """
            .formatted(which, since));
  }

  /** The database's clock, in seconds. */
  double now() throws Exception {
    return number("select extract(epoch from clock_timestamp())");
  }

  Connection connect() throws SQLException, IOException {
    Properties properties = new Properties();
    properties.put("user", "postgres");
    properties.put("password", service.databasePassword());
    properties.put("reWriteBatchedInserts", "true");
    return DriverManager.getConnection(service.jdbcUrl(), properties);
  }

  void sql(String statement) throws SQLException, IOException {
    try (Connection connection = connect();
        Statement one = connection.createStatement()) {
      one.execute(statement);
    }
  }

  double number(String query) throws SQLException, IOException {
    try (Connection connection = connect();
        Statement one = connection.createStatement();
        ResultSet row = one.executeQuery(query)) {
      row.next();
      return row.getDouble(1);
    }
  }

  /** A metric of the service, by the start of its line. */
  double metric(String line) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      String body =
          http.send(
                  HttpRequest.newBuilder(
                          URI.create("http://127.0.0.1:" + service.port() + "/actuator/prometheus"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      return body.lines()
          .filter(it -> it.startsWith(line))
          .mapToDouble(it -> Double.parseDouble(it.substring(it.lastIndexOf(' ') + 1)))
          .findFirst()
          .orElse(Double.NaN);
    }
  }

  @Override
  public void close() throws Exception {
    service.close();
    waha.close();
    System.out.println("log and data in        " + home);
  }
}
