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
import java.util.function.IntFunction;

/**
 * The service as its own process, a WAHA simulator beside it, and what every scenario asks of them.
 */
final class Rig implements AutoCloseable {
  private static final String WAHA_KEY = "bench-waha-key";

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
            "{\"provider\":\"waha\",\"settings\":{\"base_url\":\"%s\",\"session\":\"%s\"},\"credentials\":{\"api_key\":\"%s\"}}"
                .formatted(waha.url(), session, WAHA_KEY));
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
    awaitQuiet();
  }

  /** Waits until nothing has arrived for a second. */
  void awaitQuiet() throws InterruptedException {
    awaitArrivals(-1);
  }

  /** Waits until so many have arrived, or (-1) until nothing arrives for a second. */
  void awaitArrivals(int count) throws InterruptedException {
    int last = -1;
    long quietSince = System.nanoTime();
    while (count < 0 || waha.count() < count) {
      if (waha.count() != last) {
        last = waha.count();
        quietSince = System.nanoTime();
      }
      long quiet = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - quietSince);
      if (quiet >= (count < 0 ? 1 : 60)) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
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
