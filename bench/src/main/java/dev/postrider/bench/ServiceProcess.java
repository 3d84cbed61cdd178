package dev.postrider.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The service as a user starts it: the launcher, an own data directory, the embedded PostgreSQL.
 */
final class ServiceProcess implements AutoCloseable {
  private final Path home;
  private final int port;
  private final HttpClient http = HttpClient.newHttpClient();
  private Process process;
  private double startSeconds;

  private ServiceProcess(Path home, int port, Process process) {
    this.home = home;
    this.port = port;
    this.process = process;
  }

  static ServiceProcess start(Path root, Path home) throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    long start = System.nanoTime();
    List<String> command = new ArrayList<>(List.of(root.resolve("postrider").toString(), "run"));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("service.log").toFile()));
    builder.environment().put("POSTRIDER_HOME", home.resolve("data").toString());
    builder.environment().put("POSTRIDER_PORT", Integer.toString(port));
    builder.environment().put("POSTRIDER_LOG", "json");
    ServiceProcess service = new ServiceProcess(home, port, builder.start());
    service.awaitReady(start);
    return service;
  }

  private void awaitReady(long start) throws Exception {
    while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(90)) {
      try {
        if (get("/health/ready") == 200) {
          startSeconds = (System.nanoTime() - start) / 1e9;
          return;
        }
      } catch (IOException _) {
        // not yet
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new IllegalStateException(
        "the service did not start; see " + home.resolve("service.log"));
  }

  private int get(String path) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  double startSeconds() {
    return startSeconds;
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  String adminKey() throws IOException {
    return Files.readString(home.resolve("data/admin-key")).strip();
  }

  long postmaster() throws IOException {
    return Long.parseLong(postmasterFile().get(0).strip());
  }

  String jdbcUrl() throws IOException {
    return "jdbc:postgresql://127.0.0.1:" + postmasterFile().get(3).strip() + "/postgres";
  }

  String databasePassword() throws IOException {
    return Files.readString(home.resolve("data/postgres-password")).strip();
  }

  private List<String> postmasterFile() throws IOException {
    return Files.readAllLines(home.resolve("data/postgres/postmaster.pid"));
  }

  /** Sends JSON as the operator or an application; returns the body. */
  String post(String path, String key, String body) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("X-Api-Key", key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 201) {
      throw new IllegalStateException(path + " answered " + response.body());
    }
    return response.body();
  }

  static String field(String json, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(json);
    if (!matcher.find()) {
      throw new IllegalStateException("no " + pattern + " in " + json);
    }
    return matcher.group(1);
  }

  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the service does not stop");
    }
  }
}
