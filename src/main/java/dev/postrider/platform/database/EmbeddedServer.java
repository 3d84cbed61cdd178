package dev.postrider.platform.database;

import dev.postrider.platform.Home;
import dev.postrider.platform.Secret;
import dev.postrider.platform.Settings;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL, private to this process: data in the data directory, loopback only, password
 * generated, durable; started again when its process ends before ours. The library's defaults are
 * made for tests (fsync off, trust authentication, commits not waited for); each of them is turned
 * here, and {@link DurabilityStore} looks again.
 */
final class EmbeddedServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedServer.class);
  private static final String USER = "postgres";

  /** A stop writes down what is only in memory. */
  private static final Duration STOPS_WITHIN = Duration.ofSeconds(60);

  private final Home home;
  private final Path data;
  private final ServerLog complaints;
  private final int port;
  private final Secret password;
  private volatile EmbeddedPostgres server;
  private volatile boolean closing;

  /** Who is starting it again in this moment. */
  private volatile @Nullable Thread starter;

  /** How often in a row it was not there. */
  private int unseen;

  private EmbeddedServer(Home home) throws IOException, InterruptedException {
    this.home = home;
    this.data = home.resolve("postgres");
    this.complaints = new ServerLog(log(home));
    this.port = freePort();
    this.password = home.secret("postgres-password", EmbeddedServer::generate);
    this.server = launch();
  }

  static EmbeddedServer start(Home home) {
    try {
      return new EmbeddedServer(home);
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded PostgreSQL did not start; see " + log(home), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while PostgreSQL was started", e);
    }
  }

  private EmbeddedPostgres launch() throws IOException, InterruptedException {
    refuseWhatIsInUse();
    stopLeftover();
    FirstStart first = FirstStart.in(home);
    first.clean();
    EmbeddedPostgres started = PostmasterStart.of(data, builder());
    try {
      first.done();
    } catch (IOException e) {
      // It is up: the next start unpacks once more.
      log.atWarn().addKeyValue("cause", e.toString()).log("postgres.start_not_noted");
    }
    log.atInfo().addKeyValue("port", port).log("postgres.started");
    return started;
  }

  /**
   * Starts it again where it has ended: somebody, or a system that ran out of memory, may do that,
   * and nobody should have to get up for it. To be called again and again, by one thread.
   */
  void keepUp() throws IOException, InterruptedException {
    complaints.shorten();
    // Twice: once may be that its file was being written in that moment.
    unseen = Postmaster.on(data).isEmpty() ? unseen + 1 : 0;
    if (unseen == 2) {
      log.atError().log("postgres.ended");
    }
    if (unseen < 2) {
      return;
    }
    starter = Thread.currentThread();
    try {
      if (!closing) {
        server.close(); // it has a lock on the data directory
        server = launch();
      }
    } finally {
      starter = null;
    }
  }

  private EmbeddedPostgres.Builder builder() {
    Path log = log(home);
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setOverrideWorkingDirectory(home.resolve("postgres-binaries").toFile())
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPort(port)
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
        // What was asked, and which row it met, has addresses in it.
        .setServerConfig("log_min_error_statement", "panic")
        .setServerConfig("log_error_verbosity", "terse")
        .setServerConfig("log_timezone", "UTC")
        .setServerConfig("jit", "off")
        .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()));
  }

  /** The same database by another home, a copy whose {@code postgres} is a link, say. */
  private void refuseWhatIsInUse() throws IOException {
    Path lock = data.resolve("epg-lock"); // the library's, held for as long as its process lives
    if (Files.exists(lock) && !isFree(lock)) {
      throw new IllegalStateException("another Postrider has its database in " + data);
    }
  }

  private static boolean isFree(Path lock) throws IOException {
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
        FileLock free = channel.tryLock()) {
      return free != null;
    } catch (OverlappingFileLockException _) {
      return false;
    }
  }

  /**
   * A server that outlived its service (kill -9) is stopped first: it would hold the data
   * directory, and its settings are those of another time.
   */
  private void stopLeftover() throws IOException, InterruptedException {
    Postmaster leftover = Postmaster.on(data).orElse(null);
    if (leftover == null) {
      // Nobody runs here, and this process has the lock. After a power failure, or in a container,
      // the number may be anybody's now, a thread of ours, say: PostgreSQL would not start beside
      // it. Where a part of it is running all the same, the memory that it shares tells.
      Postmaster.forget(data);
      return;
    }
    long pid = leftover.process().pid();
    log.atWarn().addKeyValue("pid", pid).log("postgres.leftover_stopped");
    new ProcessBuilder("kill", "-INT", Long.toString(pid)).start().waitFor(5, TimeUnit.SECONDS);
    if (!leftover.endsWithin(STOPS_WITHIN)) {
      throw new IllegalStateException(
          "a PostgreSQL from an earlier run still holds " + data + " and does not stop");
    }
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
    return new Settings.Postgres("127.0.0.1", port, "postgres", USER, password, "disable");
  }

  @Override
  public void close() {
    closing = true;
    Thread starting = starter;
    try {
      if (starting != null) {
        starting.interrupt();
        starting.join(STOPS_WITHIN);
      }
      Optional<Postmaster> postmaster = Postmaster.on(data);
      server.close();
      if (postmaster.isEmpty() || postmaster.get().endsWithin(STOPS_WITHIN)) {
        log.atInfo().log("postgres.stopped");
      } else {
        log.atError().log("postgres.stop_failed");
      }
    } catch (IOException e) {
      log.atError().setCause(e).log("postgres.stop_failed");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
