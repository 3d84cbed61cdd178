package dev.postrider.platform.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of a PostgreSQL, as its data directory names it: {@code pg_ctl} starts it and leaves,
 * so it is nobody's child.
 *
 * @param isReady whether it says that it takes connections: it has recovered
 */
record Postmaster(ProcessHandle process, boolean isReady) {
  private static final Logger log = LoggerFactory.getLogger(Postmaster.class);

  private static final String FILE = "postmaster.pid";

  /** The line of its file that says how far it is. */
  private static final int STATUS = 8;

  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  /**
   * Empty where none runs on this directory.
   *
   * @throws IOException when nobody can tell: its file cannot be read
   */
  static Optional<Postmaster> on(Path data) throws IOException {
    try {
      List<String> lines = Files.readAllLines(data.resolve(FILE));
      boolean ready = lines.size() >= STATUS && lines.get(STATUS - 1).strip().equals("ready");
      return process(lines)
          .map(process -> new Postmaster(process, ready))
          .filter(Postmaster::isRunning)
          .filter(it -> it.worksIn(data, lines));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  private static Optional<ProcessHandle> process(List<String> lines) {
    try {
      return lines.size() < 2
          ? Optional.empty()
          : ProcessHandle.of(Long.parseLong(lines.getFirst().strip()));
    } catch (NumberFormatException e) {
      log.atWarn().addKeyValue("cause", e.toString()).log("postgres.pid_file_unreadable");
      return Optional.empty();
    }
  }

  /** Removes the file of one that runs no more, as {@link #on} has told. */
  static void forget(Path data) throws IOException {
    Files.deleteIfExists(data.resolve(FILE));
  }

  /**
   * Whether it has not ended, and is what it was: not another process with its number, nor a dead
   * one that nobody has buried, as there are in containers.
   */
  boolean isRunning() {
    return process.isAlive()
        && process.info().command().filter(it -> it.contains("postgres")).isPresent();
  }

  /**
   * Whether it is at home there, as a postmaster is: after a power failure the number may be
   * another server's. Where the system does not tell (no /proc), its file must do.
   */
  private boolean worksIn(Path data, List<String> lines) {
    if (!Files.exists(Path.of("/proc/self"))) {
      return Path.of(lines.get(1).strip()).toAbsolutePath().equals(data);
    }
    try {
      return Files.isSameFile(Path.of("/proc", Long.toString(process.pid()), "cwd"), data);
    } catch (IOException _) {
      return false; // somebody else's, or it has just ended
    }
  }

  /** Looked at, for nobody tells us: it is not our child, and a dead one may stay unburied. */
  boolean endsWithin(Duration atMost) throws InterruptedException {
    long until = System.nanoTime() + atMost.toNanos();
    while (isRunning()) {
      if (System.nanoTime() - until > 0) {
        return false;
      }
      Thread.sleep(LOOK_EVERY);
    }
    return true;
  }
}
