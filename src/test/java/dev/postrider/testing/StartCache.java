package dev.postrider.testing;

import java.io.File;
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
 * What the starts of patched builds have in common, read once: the virtual machine's ahead-of-time
 * cache of the libraries' classes, written by one start and stop before the first of them. A start
 * takes two thirds of its time with it, and the mutants are mostly starts.
 */
final class StartCache {
  private static final Path FOLDER = Path.of("target", "patched").toAbsolutePath();

  /** Writing it takes ten seconds of a machine that is slow. */
  private static final Duration WRITTEN_WITHIN = Duration.ofMinutes(3);

  private static @Nullable List<String> options;

  private StartCache() {}

  /** The options of a start, up to the main class, of what is laid over the packaged classes. */
  static synchronized List<String> options(String jar) {
    List<String> known = options;
    if (known == null) {
      try {
        String path = launcher() + File.pathSeparator + jar;
        Path cache = FOLDER.resolve("starts.aot");
        Files.deleteIfExists(cache);
        boolean written = train(cache, path);
        known = written ? List.of("-XX:AOTCache=" + cache, "-cp", path) : List.of("-cp", path);
        options = known;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return known;
  }

  /** {@link Overlaid} and nothing else: of the tests' classes none is to meet the service. */
  private static Path launcher() throws IOException {
    Path jar = Files.createDirectories(FOLDER).resolve("launcher.jar");
    String file = Overlaid.class.getName().replace('.', '/') + ".class";
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        var bytes = Overlaid.class.getClassLoader().getResourceAsStream(file)) {
      out.putNextEntry(new ZipEntry(file));
      Objects.requireNonNull(bytes, file).transferTo(out);
    }
    return jar;
  }

  /** Whether there is a cache now. Without one starts are slower, and nothing else. */
  private static boolean train(Path cache, String path) throws IOException {
    Path home = RunningService.newHome();
    ServiceProcess service =
        ServiceProcess.in(home)
            .virtualMachine(List.of("-XX:AOTCacheOutput=" + cache, "-cp", path))
            .overlay(Files.createDirectories(FOLDER.resolve("nothing")))
            .start();
    service.stop(WRITTEN_WITHIN);
    boolean written = Files.exists(cache);
    if (!written) {
      System.err.println("Starts of patched builds are slow: see " + ServiceProcess.log(home));
    }
    return written;
  }
}
