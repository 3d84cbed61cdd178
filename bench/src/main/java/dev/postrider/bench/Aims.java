package dev.postrider.bench;

import java.util.ArrayList;
import java.util.List;

/** What is aimed at, and whether it was seen: a run that misses an aim says so, and fails. */
final class Aims {
  private static final List<Aim> AIMS = new ArrayList<>();

  private record Aim(String what, double seen, double aim, boolean met) {}

  private Aims() {}

  static void atLeast(String what, double seen, double aim) {
    AIMS.add(new Aim(what, seen, aim, seen >= aim));
  }

  static void atMost(String what, double seen, double aim) {
    AIMS.add(new Aim(what, seen, aim, seen <= aim));
  }

  /** Prints them all; returns whether each was met. */
  static boolean print() {
    System.out.println();
    System.out.println("== aims");
    AIMS.forEach(it ->
        System.out.printf(
            "%-6s %-44s %10.2f   aim %.2f%n",
            it.met() ? "met" : "MISSED", it.what(), it.seen(), it.aim()));
    return AIMS.stream().allMatch(Aim::met);
  }
}
