package dev.postrider.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a run showed: which invariants were broken, and what happened in it. */
final class Verdict {
  private final String run;
  private final long seed;
  private final Path folder;
  private final Map<Invariant, List<String>> violations;
  private final EnumMap<Tally, Long> tallies;

  Verdict(
      String run,
      long seed,
      Path folder,
      Map<Invariant, List<String>> violations,
      EnumMap<Tally, Long> tallies) {
    this.run = run;
    this.seed = seed;
    this.folder = folder;
    this.violations = violations;
    this.tallies = tallies;
  }

  long count(Tally tally) {
    return tallies.getOrDefault(tally, 0L);
  }

  /** The invariants that were broken. */
  Set<Invariant> broken() {
    Set<Invariant> broken = new TreeSet<>();
    violations.forEach((invariant, lines) -> {
      if (!lines.isEmpty()) {
        broken.add(invariant);
      }
    });
    return broken;
  }

  List<String> violations(Invariant invariant) {
    return violations.getOrDefault(invariant, List.of());
  }

  /** A fault that did not occur proves nothing: such a run is vacuous, and fails. */
  Verdict occurred(Tally tally, long atLeast) {
    if (count(tally) < atLeast) {
      throw new AssertionError(
          "VACUOUS: %s is %d, at least %d were meant%n%s"
              .formatted(word(tally), count(tally), atLeast, text()));
    }
    return this;
  }

  Verdict atMost(Tally tally, long most) {
    if (count(tally) > most) {
      throw new AssertionError(
          "%s is %d, at most %d is promised%n%s"
              .formatted(word(tally), count(tally), most, text()));
    }
    return this;
  }

  /** Fails when any invariant was broken. */
  Verdict holds() {
    if (!broken().isEmpty()) {
      throw new AssertionError(text());
    }
    return this;
  }

  private static String word(Tally tally) {
    return tally.name().toLowerCase(Locale.ROOT);
  }

  private String text() {
    List<String> lines = new ArrayList<>();
    StringBuilder accounting = new StringBuilder();
    tallies.forEach(
        (tally, count) -> accounting.append(' ').append(word(tally)).append('=').append(count));
    accounting.append(" lost=").append(violations(Invariant.NOTHING_IS_LOST).size());
    accounting
        .append(" unexpected=")
        .append(violations(Invariant.NOTHING_COMES_FROM_NOWHERE).size());
    lines.add(run + " seed=" + seed + accounting);
    violations.forEach((invariant, found) -> {
      if (!found.isEmpty()) {
        lines.add("  BROKEN " + invariant.sentence() + ", " + found.size() + " times:");
        found.stream().limit(5).forEach(line -> lines.add("    " + line));
      }
    });
    lines.add("  journals and logs: " + folder);
    return String.join("\n", lines);
  }

  void print() {
    System.out.println(text());
    try {
      Files.writeString(folder.resolve("verdict.txt"), text() + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
