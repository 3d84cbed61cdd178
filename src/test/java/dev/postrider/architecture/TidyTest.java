package dev.postrider.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Order that can be read off the files themselves. */
class TidyTest {
  private static final Path MAIN = Path.of("src/main/java");
  private static final Path MIGRATIONS = Path.of("src/main/resources/db/migration");

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(MAIN)) {
      return files.filter(it -> it.toString().endsWith(".java")).toList();
    }
  }

  @Test
  void everyPackageSaysWhatItIsAndIsNullMarked() throws IOException {
    Set<Path> packages = new TreeSet<>(sources().stream().map(Path::getParent).toList());
    for (Path folder : packages) {
      Path info = folder.resolve("package-info.java");
      assertThat(info).exists();
      assertThat(Files.readString(info)).startsWith("/**").contains("@NullMarked");
    }
  }

  @Test
  void classNamesAreUnique() throws IOException {
    List<String> names =
        sources().stream()
            .map(it -> it.getFileName().toString())
            .filter(it -> !it.startsWith("package"))
            .toList();
    assertThat(names).doesNotHaveDuplicates();
  }

  @Test
  void nothingIsLeftForLaterOrImportedWholesale() throws IOException {
    for (Path file : sources()) {
      assertThat(Files.readString(file))
          .as(file.toString())
          .doesNotContain("TODO", "FIXME", "XXX")
          .doesNotContainPattern("import [\\w.]+\\.\\*;");
    }
  }

  /** Or no part of the build would run it. */
  @Test
  void everyFaultTestIsTagged() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      List<Path> tests =
          files
              .filter(it -> it.toString().matches(".*(FaultTest|campaign/\\w+Experiment)\\.java"))
              .toList();
      assertThat(tests).hasSizeGreaterThan(30);
      for (Path test : tests) {
        assertThat(Files.readString(test)).as(test.toString()).contains("@Tag(\"fault\")");
      }
    }
  }

  /**
   * A table belongs to the package its migration is named after; nobody else's SQL names it. A view
   * is what its owner has for others to join.
   */
  @Test
  void eachTableIsNamedByOnePackagesStores() throws IOException {
    Map<String, String> owners = new HashMap<>();
    try (Stream<Path> migrations = Files.list(MIGRATIONS)) {
      for (Path migration : migrations.toList()) {
        String owner = migration.getFileName().toString().replaceAll("V\\d+__(\\w+)\\.sql", "$1");
        Matcher table = Pattern.compile("create table (\\w+)").matcher(Files.readString(migration));
        while (table.find()) {
          owners.put(table.group(1), owner);
        }
      }
    }
    assertThat(owners).isNotEmpty();
    List<String> strangers = new ArrayList<>();
    for (Path file : sources()) {
      String room = MAIN.resolve("dev/postrider").relativize(file).getName(0).toString();
      Matcher named =
          Pattern.compile("(?:from|into|update|join|delete from)\\s+(\\w+)")
              .matcher(Files.readString(file));
      while (file.getFileName().toString().endsWith("Store.java") && named.find()) {
        String owner = owners.get(named.group(1));
        if (owner != null && !owner.equals(room)) {
          strangers.add(file + " names " + named.group(1));
        }
      }
    }
    assertThat(strangers).isEmpty();
  }
}
