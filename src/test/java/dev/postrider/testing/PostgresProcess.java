package dev.postrider.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/** A durable PostgreSQL with a data directory of its own, that can be killed and comes back. */
public final class PostgresProcess implements AutoCloseable {
  /** Migrated once, for all databases. */
  private static final String TEMPLATE = "migrated";

  private final Path data;
  private final int port;
  private final EmbeddedPostgres first;

  /** How the first one was started, word for word. */
  private final List<String> command;

  private boolean hasTemplate;

  private PostgresProcess(Path data, int port) {
    this.data = data;
    this.port = port;
    this.first = launch();
    this.command = commandOf(postmaster());
  }

  public static PostgresProcess start(Path folder) {
    return new PostgresProcess(folder.resolve("data"), freePort());
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private EmbeddedPostgres launch() {
    ProcessBuilder.Redirect log =
        ProcessBuilder.Redirect.appendTo(data.resolveSibling("postgres.log").toFile());
    try {
      return EmbeddedPostgres.builder()
          .setDataDirectory(data)
          .setCleanDataDirectory(false)
          .setRegisterShutdownHook(false)
          .setPort(port)
          .setServerConfig("fsync", "on")
          .setServerConfig("synchronous_commit", "on")
          .setServerConfig("full_page_writes", "on")
          .setServerConfig("timezone", "America/Los_Angeles")
          .setServerConfig("max_connections", "200")
          .setServerConfig("log_lock_waits", "on")
          .setServerConfig("autovacuum_naptime", "5s")
          .setErrorRedirector(log)
          .setOutputRedirector(log)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return port;
  }

  /** kill -9 of the postmaster and all its children. */
  public void kill() {
    ProcessHandle postmaster = postmaster();
    List<ProcessHandle> children = postmaster.descendants().toList();
    postmaster.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    postmaster.onExit().join();
    children.forEach(child -> child.onExit().join());
  }

  /** Starts again on the same data and port, through crash recovery where it was killed. */
  public void restart() {
    try {
      Files.deleteIfExists(data.resolve("postmaster.pid"));
      ProcessBuilder.Redirect log =
          ProcessBuilder.Redirect.appendTo(data.resolveSibling("postgres.log").toFile());
      new ProcessBuilder(command).redirectError(log).redirectOutput(log).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Eventually.within(Duration.ofSeconds(60), this::answers, it -> it);
  }

  private boolean answers() {
    try (Connection connection = direct("postgres").getConnection()) {
      return connection.isValid(1);
    } catch (SQLException _) {
      return false;
    }
  }

  /** PostgreSQL does not run as root: there it is started as nobody in a namespace of its own. */
  private static List<String> commandOf(ProcessHandle postmaster) {
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(postmaster.info().command().orElseThrow());
    command.addAll(List.of(postmaster.info().arguments().orElseThrow()));
    return command;
  }

  private ProcessHandle postmaster() {
    try {
      String pid = Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip();
      return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Creates a database with the schema; returns the way to it that no proxy is on. */
  public synchronized DataSource create(String name) {
    if (!answers()) {
      restart(); // a run that failed left it dead
    }
    if (!hasTemplate) {
      execute("drop database if exists " + TEMPLATE);
      execute("create database " + TEMPLATE);
      Flyway.configure().dataSource(direct(TEMPLATE)).load().migrate();
      hasTemplate = true;
    }
    execute("create database " + name + " template " + TEMPLATE);
    return direct(name);
  }

  /** Takes a database away, whoever is connected: autovacuum visits each that is there for ever. */
  public void drop(String name) {
    if (answers()) {
      execute("drop database if exists " + name + " with (force)");
    }
  }

  private void execute(String statement) {
    try (Connection connection = direct("postgres").getConnection();
        Statement one = connection.createStatement()) {
      one.execute(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private DataSource direct(String name) {
    PGSimpleDataSource direct = new PGSimpleDataSource();
    direct.setServerNames(new String[] {"127.0.0.1"});
    direct.setPortNumbers(new int[] {port});
    direct.setDatabaseName(name);
    direct.setUser("postgres");
    direct.setPassword("not-checked-by-this-server");
    return direct;
  }

  /** The environment that points a node to a database, over a wire that may be hurt. */
  public static Map<String, String> environment(String database, int port) {
    return Map.of(
        "POSTGRES_HOST", "127.0.0.1",
        "POSTGRES_PORT", Integer.toString(port),
        "POSTGRES_DB", database,
        "POSTGRES_USER", "postgres",
        "POSTGRES_PASSWORD", "not-checked-by-this-server",
        "POSTGRES_SSLMODE", "disable");
  }

  @Override
  public void close() {
    try {
      kill();
      first.close();
    } catch (IOException | RuntimeException _) {
      // It is gone already, which is what was wanted.
    }
  }
}
