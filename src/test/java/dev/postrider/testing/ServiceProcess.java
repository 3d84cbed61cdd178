package dev.postrider.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The packaged service as its own process, with the embedded PostgreSQL: something that can die.
 */
public final class ServiceProcess implements AutoCloseable {
  private final Path home;
  private final int port;
  private final Process process;

  private ServiceProcess(Path home, int port, Process process) {
    this.home = home;
    this.port = port;
    this.process = process;
  }

  public static ServiceProcess start(Path home) {
    String jar = System.getProperty("postrider.jar", "");
    if (!Files.isRegularFile(Path.of(jar))) {
      throw new AssertionError("no packaged jar at '" + jar + "': run this by ./postrider test");
    }
    try {
      int port = freePort();
      ProcessBuilder builder =
          new ProcessBuilder(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-jar",
                  jar));
      builder.environment().put("POSTRIDER_HOME", home.toString());
      builder.environment().put("POSTRIDER_PORT", Integer.toString(port));
      builder.environment().put("POSTRIDER_LOG", "json");
      builder.redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log(home).toFile()));
      ServiceProcess service = new ServiceProcess(home, port, builder.start());
      service.awaitReady();
      return service;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  public static Path log(Path home) {
    return home.resolveSibling(home.getFileName() + ".log");
  }

  private void awaitReady() {
    Eventually.within(
        Duration.ofSeconds(90),
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError("the service ended at its start; see " + log(home));
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
    return new Api("http://127.0.0.1:" + port, null);
  }

  public Api admin() {
    try {
      return anyone().as(Files.readString(home.resolve("admin-key")).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** kill -9: nothing is said, nothing is finished. */
  public void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  /** SIGTERM; returns the exit code. */
  public int stop() {
    process.destroy();
    return awaitExit();
  }

  private int awaitExit() {
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
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
      stop();
    }
  }
}
