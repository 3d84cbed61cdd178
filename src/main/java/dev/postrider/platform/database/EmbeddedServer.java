package dev.postrider.platform.database;

import dev.postrider.platform.Home;
import dev.postrider.platform.Secret;
import dev.postrider.platform.Settings;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL, private to this process: data in the data directory, loopback only, password
 * generated, durable. The library's defaults are made for tests (fsync off, trust authentication,
 * commits not waited for); each of them is turned here, and {@link DurabilityStore} looks again.
 */
final class EmbeddedServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedServer.class);
  private static final String USER = "postgres";

  private final EmbeddedPostgres server;
  private final Secret password;

  private EmbeddedServer(EmbeddedPostgres server, Secret password) {
    this.server = server;
    this.password = password;
  }

  static EmbeddedServer start(Home home) {
    Path data = home.resolve("postgres");
    Secret password = home.secret("postgres-password", EmbeddedServer::generate);
    stopLeftover(data);
    try {
      EmbeddedServer embedded = new EmbeddedServer(builder(home, data, password).start(), password);
      log.atInfo().addKeyValue("port", embedded.server.getPort()).log("postgres.started");
      return embedded;
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded PostgreSQL did not start; see " + log(home), e);
    }
  }

  private static EmbeddedPostgres.Builder builder(Home home, Path data, Secret password)
      throws IOException {
    Path log = log(home);
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setOverrideWorkingDirectory(home.resolve("postgres-binaries").toFile())
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPGStartupWait(Duration.ofSeconds(60))
        .setPort(freePort())
        // These become options of initdb, after its "-A trust": the last one wins.
        .setLocaleConfig("pwfile", home.resolve("postgres-password").toString())
        .setLocaleConfig("auth-local", "scram-sha-256")
        .setLocaleConfig("auth-host", "scram-sha-256")
        .setLocaleConfig("locale", "C.UTF-8")
        .setConnectConfig("password", password.value())
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("full_page_writes", "on")
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setServerConfig("unix_socket_directories", "''")
        .setServerConfig("max_connections", "60")
        .setServerConfig("shared_buffers", "192MB")
        .setServerConfig("max_wal_size", "2GB")
        .setServerConfig("checkpoint_timeout", "15min")
        // The job table is small and lives fast: look at it often.
        .setServerConfig("autovacuum_naptime", "5s")
        .setServerConfig("log_min_messages", "warning")
        .setServerConfig("log_timezone", "UTC")
        .setServerConfig("jit", "off")
        .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()));
  }

  /**
   * A server that outlived its service (kill -9) is stopped first: it would hold the data
   * directory, and its settings are those of another time.
   */
  private static void stopLeftover(Path data) {
    Path pidFile = data.resolve("postmaster.pid");
    try {
      if (!Files.exists(pidFile)) {
        return;
      }
      List<String> lines = Files.readAllLines(pidFile);
      long pid = Long.parseLong(lines.getFirst().strip());
      boolean ours =
          lines.size() > 1 && Path.of(lines.get(1).strip()).toAbsolutePath().equals(data);
      ProcessHandle leftover = ProcessHandle.of(pid).orElse(null);
      if (!ours || leftover == null || !looksLikePostgres(leftover)) {
        return;
      }
      log.atWarn().addKeyValue("pid", pid).log("postgres.leftover_stopped");
      new ProcessBuilder("kill", "-INT", Long.toString(pid)).start().waitFor(5, TimeUnit.SECONDS);
      leftover.onExit().get(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while stopping a leftover PostgreSQL", e);
    } catch (IOException | NumberFormatException e) {
      log.atWarn().addKeyValue("cause", e.toString()).log("postgres.pid_file_unreadable");
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException(
          "a PostgreSQL from an earlier run still holds " + data + " and does not stop", e);
    }
  }

  private static boolean looksLikePostgres(ProcessHandle process) {
    return process.info().command().map(command -> command.contains("postgres")).orElse(true);
  }

  private static Path log(Home home) {
    return home.resolve("postgres.log");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String generate() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  Settings.Postgres address() {
    return new Settings.Postgres(
        "127.0.0.1", server.getPort(), "postgres", USER, password, "disable");
  }

  @Override
  public void close() {
    try {
      server.close();
      log.atInfo().log("postgres.stopped");
    } catch (IOException e) {
      log.atError().setCause(e).log("postgres.stop_failed");
    }
  }
}
