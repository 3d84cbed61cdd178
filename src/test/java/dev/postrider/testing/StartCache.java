package dev.postrider.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * What the starts of processes have in common, read once: the virtual machine's ahead-of-time
 * cache, written by one start and stop before the first of them, as {@code ./postrider build} does
 * it for a user. A start takes two thirds of its time with it, and the mutants are mostly starts.
 */
final class StartCache {
  private static final Path FOLDER = Path.of("target", "starts").toAbsolutePath();

  /** Writing it takes ten seconds of a machine that is slow. */
  private static final Duration WRITTEN_WITHIN = Duration.ofMinutes(3);

  private static @Nullable List<String> options;
  private static @Nullable Path launcher;

  private StartCache() {}

  /** The options that a start uses it by: none where it could not be written. */
  static synchronized List<String> options() {
    List<String> known = options;
    if (known == null) {
      try {
        Path cache = Files.createDirectories(FOLDER).resolve("starts.aot");
        Files.deleteIfExists(cache);
        known = rehearse(cache) ? List.of("-XX:AOTCache=" + cache) : List.of();
        options = known;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return known;
  }

  /**
   * A jar of {@link Overlaid} and nothing else: of the tests' classes none is to meet the service.
   * It stands behind the packaged ones, for the cache knows the class path's beginning.
   */
  static synchronized Path launcher() {
    Path known = launcher;
    if (known == null) {
      known = FOLDER.resolve("launcher.jar");
      String file = Overlaid.class.getName().replace('.', '/') + ".class";
      try {
        Files.createDirectories(FOLDER);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(known));
            var bytes = Overlaid.class.getClassLoader().getResourceAsStream(file)) {
          out.putNextEntry(new ZipEntry(file));
          Objects.requireNonNull(bytes, file).transferTo(out);
        }
        launcher = known;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return known;
  }

  /** Whether there is a cache now. Without one starts are slower, and nothing else. */
  private static boolean rehearse(Path cache) {
    Path home = RunningService.newHome();
    ServiceProcess service = ServiceProcess.in(home).rehearse(cache).start();
    service.stop(WRITTEN_WITHIN);
    boolean written = Files.exists(cache);
    if (!written) {
      System.err.println("Starts of processes are slow: see " + ServiceProcess.log(home));
    }
    return written;
  }
}
