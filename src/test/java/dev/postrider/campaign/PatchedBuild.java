package dev.postrider.campaign;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The service with something changed in its source: one class is compiled again and laid over the
 * packaged ones. Production code knows nothing of it.
 */
final class PatchedBuild {
  private static final Path SOURCES = Path.of("src/main/java/dev/postrider");

  private static final Map<List<Patch>, Path> BUILT = new ConcurrentHashMap<>();

  private PatchedBuild() {}

  /** A text of a source file, and what stands there instead. */
  record Patch(String file, String text, String instead) {}

  /** Compiles the patched classes, once; returns the folder to lay over the packaged ones. */
  static Path of(String name, List<Patch> patches) {
    return BUILT.computeIfAbsent(List.copyOf(patches), _ -> build(name, patches));
  }

  private static Path build(String name, List<Patch> patches) {
    try {
      Path folder = Path.of("target", "patched", name).toAbsolutePath();
      org.springframework.util.FileSystemUtils.deleteRecursively(folder);
      Path sources = Files.createDirectories(folder.resolve("sources"));
      Path classes = Files.createDirectories(folder.resolve("classes"));
      for (Patch patch : patches) {
        apply(patch, sources);
      }
      compile(sources, classes);
      return classes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void apply(Patch patch, Path sources) throws IOException {
    Path file = sources.resolve(Path.of(patch.file()).getFileName());
    String source = Files.readString(Files.exists(file) ? file : SOURCES.resolve(patch.file()));
    Files.writeString(file, replaced(source, patch));
  }

  /** Fails where the text to patch is not there any more, or more than once. */
  static void check(Patch patch) throws IOException {
    var _ = replaced(Files.readString(SOURCES.resolve(patch.file())), patch);
  }

  private static String replaced(String source, Patch patch) {
    int first = source.indexOf(patch.text());
    if (first < 0 || source.indexOf(patch.text(), first + 1) >= 0) {
      throw new AssertionError(
          "the text to patch must stand in " + patch.file() + " exactly once: " + patch.text());
    }
    return source.replace(patch.text(), patch.instead());
  }

  private static void compile(Path sources, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
        var all = Files.list(sources)) {
      boolean compiled =
          compiler
              .getTask(
                  said,
                  files,
                  null,
                  List.of(
                      "-d",
                      classes.toString(),
                      "-cp",
                      System.getProperty("java.class.path"),
                      "-parameters",
                      "-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(all.toList()))
              .call();
      if (!compiled) {
        throw new AssertionError("the patched source does not compile:\n" + said);
      }
    }
  }
}
