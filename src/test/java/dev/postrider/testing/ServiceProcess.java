package dev.postrider.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The packaged service as its own process, with the embedded PostgreSQL unless its environment
 * names another: something that can die, stop, or stand still.
 */
public final class ServiceProcess implements AutoCloseable {
  /** What the operator is told to allow a stop. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(20_000 + ThreadLocalRandom.current().nextInt(8_000));

  private final int port;
  private final String adminKey;
  private final Process process;

  private ServiceProcess(int port, String adminKey, Process process) {
    this.port = port;
    this.adminKey = adminKey;
    this.process = process;
  }

  /** How to start one. */
  public static final class Launch {
    private final Path home;
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> options = new ArrayList<>();
    private @Nullable Path overlay;
    private @Nullable Path rehearsed;

    private Launch(Path home) {
      this.home = home;
    }

    public Launch environment(Map<String, String> more) {
      environment.putAll(more);
      return this;
    }

    /** Options of the service, such as {@code --postrider.queue.sweep=1s}. */
    public Launch options(List<String> more) {
      options.addAll(more);
      return this;
    }

    /** Classes that win over the packaged ones: a build with a planted bug. */
    public Launch overlay(@Nullable Path classes) {
      overlay = classes;
      return this;
    }

    /** This start is the one that others learn from: what it read is written here when it stops. */
    Launch rehearse(Path cache) {
      rehearsed = cache;
      return this;
    }

    /** Starts it; returns when it is ready. */
    public ServiceProcess start() {
      ServiceProcess service = begin();
      service.awaitReady(log(home));
      return service;
    }

    /** Starts it without waiting for it. */
    public ServiceProcess begin() {
      try {
        int port = freePort();
        ProcessBuilder builder = new ProcessBuilder(command());
        builder.environment().put("POSTRIDER_HOME", home.toString());
        builder.environment().put("POSTRIDER_PORT", Integer.toString(port));
        builder.environment().put("POSTRIDER_LOG", "json");
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log(home).toFile()));
        String given = environment.getOrDefault("POSTRIDER_ADMIN_KEY", "");
        return new ServiceProcess(
            port, given.isEmpty() ? home.resolve("admin-key").toString() : given, builder.start());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private List<String> command() {
      String jar = System.getProperty("postrider.jar", "");
      if (!Files.isRegularFile(Path.of(jar))) {
        throw new AssertionError("no packaged jar at '" + jar + "': run this by ./postrider test");
      }
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-Xss512k",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+ExitOnOutOfMemoryError"));
      command.addAll(
          rehearsed == null ? StartCache.options() : List.of("-XX:AOTCacheOutput=" + rehearsed));
      if (overlay == null) {
        command.addAll(List.of("-jar", jar));
      } else {
        command.addAll(
            List.of(
                "-cp",
                jar + File.pathSeparator + StartCache.launcher(),
                "-D" + Overlaid.FOLDER + "=" + overlay,
                Overlaid.class.getName()));
      }
      command.addAll(options);
      return command;
    }
  }

  public static Launch in(Path home) {
    return new Launch(home);
  }

  public static ServiceProcess start(Path home) {
    return in(home).start();
  }

  /** Below the range that outgoing connections are given, and each but once in this JVM. */
  private static int freePort() {
    while (true) {
      int port = NEXT_PORT.getAndIncrement();
      try (ServerSocket socket = new ServerSocket(port)) {
        return socket.getLocalPort();
      } catch (IOException _) {
        // taken: the next one
      }
    }
  }

  public static Path log(Path home) {
    return home.resolveSibling(home.getFileName() + ".log");
  }

  /** Waits until it takes requests. */
  public void awaitReady(Path log) {
    Eventually.within(
        Duration.ofSeconds(90),
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError("the service ended at its start; see " + log);
          }
          try {
            return anyone().get("/health/ready").status();
          } catch (UncheckedIOException _) {
            return 0;
          }
        },
        it -> it == 200);
  }

  private Api anyone() {
    return new Api(url(), null);
  }

  public String url() {
    return "http://127.0.0.1:" + port;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public Api admin() {
    try {
      boolean given = adminKey.startsWith("pr_admin_");
      return anyone().as(given ? adminKey : Files.readString(Path.of(adminKey)).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** kill -9: nothing is said, nothing is finished. */
  public void kill() {
    process.destroyForcibly();
    awaitExit(PATIENCE);
  }

  /** SIGTERM; returns at once. */
  public void terminate() {
    process.destroy();
  }

  /** SIGTERM; returns the exit code. */
  public int stop() {
    return stop(PATIENCE);
  }

  int stop(Duration within) {
    terminate();
    return awaitExit(within);
  }

  /** SIGSTOP: it stands still, as in a long collection or on a frozen machine. */
  public void freeze() {
    Signals.send("STOP", process.pid());
  }

  /** SIGCONT. */
  public void thaw() {
    Signals.send("CONT", process.pid());
  }

  private int awaitExit(Duration within) {
    try {
      if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("the service does not end");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      thaw();
      stop();
    }
  }
}
