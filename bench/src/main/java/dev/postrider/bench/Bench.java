package dev.postrider.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures the service from outside. Arguments: scenarios ({@code happy} unless given, or {@code
 * all}), then seconds to warm up and seconds to measure. Exits with 1 when an aim is missed.
 */
public final class Bench {
  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    List<Scenario> scenarios = new ArrayList<>();
    List<Double> seconds = new ArrayList<>();
    for (String argument : arguments) {
      if (argument.equals("all")) {
        scenarios.addAll(List.of(Scenario.values()));
      } else if (argument.matches("[a-z]+")) {
        scenarios.add(Scenario.valueOf(argument.toUpperCase(Locale.ROOT)));
      } else {
        seconds.add(Double.parseDouble(argument));
      }
    }
    if (scenarios.isEmpty()) {
      scenarios.add(Scenario.HAPPY);
    }
    double warmUp = seconds.isEmpty() ? 60 : seconds.getFirst();
    double measure = seconds.size() < 2 ? 15 : seconds.get(1);
    try (Rig rig = Rig.start()) {
      rig.warmUp(rig.app(), Scenario.CALLERS, warmUp);
      for (Scenario scenario : scenarios) {
        System.out.println();
        System.out.println("== " + scenario.name().toLowerCase(Locale.ROOT));
        scenario.measure(rig, measure);
      }
    }
    if (!Aims.print()) {
      System.exit(1);
    }
  }
}
