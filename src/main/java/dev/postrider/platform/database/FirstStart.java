package dev.postrider.platform.database;

import dev.postrider.platform.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a first start has unpacked and created is whole only when it has come up once. Whoever was
 * killed before, or found the disk full, left something that would be taken for the whole: the
 * library unpacks no file that is there, and creates no database where there is a configuration.
 */
final class FirstStart {
  private static final Logger log = LoggerFactory.getLogger(FirstStart.class);

  private static final Duration ENDS_WITHIN = Duration.ofSeconds(60);

  private final Path binaries;
  private final Path data;

  /** There until the database that is being created has come up. */
  private final Path creating;

  private FirstStart(Home home) {
    this.binaries = home.resolve("postgres-binaries");
    this.data = home.resolve("postgres");
    this.creating = home.resolve("postgres-creating");
  }

  static FirstStart in(Home home) {
    return new FirstStart(home);
  }

  /** Removes what an earlier first start did not end. */
  void clean() throws IOException, InterruptedException {
    if (Files.isWritable(binaries)) { // whoever gave them to us read-only has seen to it
      for (Path version : versions()) {
        if (!Files.exists(mark(version))) {
          log.atInfo().addKeyValue("directory", version).log("postgres.unpacked_again");
          delete(version);
        }
      }
    }
    if (Files.exists(creating) && isUnfinished()) {
      log.atWarn().addKeyValue("directory", data).log("postgres.created_again");
      awaitItsEnd();
      emptyIt();
    } else if (isToBeCreated()) {
      Files.writeString(creating, "its first start has not come to its end\n");
    }
  }

  /**
   * Whether it is the beginning of a database, and nothing else. What was created to its end has
   * the library's lock, what a server ever worked in its options, a backup that somebody has put
   * there one of them, or its label: nothing of ours to remove.
   */
  private boolean isUnfinished() throws IOException {
    return Files.isDirectory(data)
        && !isEmpty()
        && Stream.of("epg-lock", "postmaster.opts", "backup_label")
            .noneMatch(it -> Files.exists(data.resolve(it)));
  }

  /** Nothing, or an empty place for it; a link to a disk that is not there yet is neither. */
  private boolean isToBeCreated() throws IOException {
    return Files.exists(data) ? isEmpty() : !Files.isSymbolicLink(data);
  }

  private boolean isEmpty() throws IOException {
    try (Stream<Path> all = Files.list(data)) {
      return all.findAny().isEmpty();
    }
  }

  /** Whoever was killed may have left the program that creates it: it ends by itself. */
  private void awaitItsEnd() throws IOException, InterruptedException {
    try {
      CompletableFuture.allOf(
              ProcessHandle.allProcesses()
                  .filter(this::creates)
                  .map(ProcessHandle::onExit)
                  .toArray(CompletableFuture[]::new))
          .get(ENDS_WITHIN.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("an initdb from an earlier run still works on " + data, e);
    }
  }

  private boolean creates(ProcessHandle process) {
    return process.info().command().filter(it -> it.endsWith("/initdb")).isPresent()
        && process
            .info()
            .arguments()
            .filter(it -> List.of(it).contains(data.toString()))
            .isPresent();
  }

  /** It has come up. */
  void done() throws IOException {
    for (Path version : versions()) {
      if (!Files.exists(mark(version)) && Files.isWritable(binaries)) {
        Files.writeString(mark(version), "it has come up\n");
      }
    }
    Files.deleteIfExists(creating);
  }

  private List<Path> versions() throws IOException {
    if (!Files.exists(binaries)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(binaries)) {
      return all.filter(
              it -> it.getFileName().toString().startsWith("PG-") && Files.isDirectory(it))
          .toList();
    }
  }

  /** Beside it: the library unpacks again what has files younger than its own mark. */
  private static Path mark(Path version) {
    return version.resolveSibling(version.getFileName() + ".whole");
  }

  /** The place itself stays: it may be a disk of its own. */
  private void emptyIt() throws IOException {
    try (Stream<Path> all = Files.list(data)) {
      for (Path one : all.toList()) {
        delete(one);
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }
}
