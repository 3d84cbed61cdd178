package dev.postrider.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.campaign.PatchedBuild.Patch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The checker is checked: every planted bug turns its invariant red, and no bug turns none red.
 * Some run at a time, the longest first, for most of what they do is wait; the class itself runs
 * alone, for others kill the PostgreSQL they share.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("fault")
class MutantsFaultTest {
  /**
   * A bug needs its moment (a commit that is under way when the kill comes), and a scenario
   * arranges it without being able to promise it: a machine that stands still for a second may miss
   * it.
   */
  private static final int MOMENTS = 3;

  private static Setup setup(Scenario scenario, String name, List<Patch> bug) {
    List<Patch> patches = new ArrayList<>(Scenario.SHORT_CALLS);
    patches.addAll(bug);
    return Setup.quick(scenario.nodes())
        .options("--postrider.delivery.uncertain-for=4s")
        .overlay(PatchedBuild.of(name, patches));
  }

  private static Verdict play(String name, Scenario scenario, List<Patch> bug) {
    try (Campaign run = Campaign.start(name, setup(scenario, name, bug))) {
      scenario.play(run);
      run.quiesceOrGiveUp();
      return run.verdict();
    }
  }

  /**
   * Some after one another at one service: most of what a scenario takes is the service's start.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  @Order(1)
  @Execution(ExecutionMode.CONCURRENT)
  void withoutABugNothingTurnsRed(int third) {
    List<Scenario> ofOneNode =
        Arrays.stream(Scenario.values()).filter(it -> it.nodes() == 1).toList();
    List<Scenario> together =
        ofOneNode.stream().filter(it -> ofOneNode.indexOf(it) % 3 == third - 1).toList();
    try (Campaign run =
        Campaign.start("control-" + third, setup(together.getFirst(), "control", List.of()))) {
      for (Scenario scenario : together) {
        scenario.play(run);
        run.quiesce();
      }
      run.verdict().holds();
    }
  }

  @ParameterizedTest
  @MethodSource("ofSeveralNodes")
  @Order(2)
  @Execution(ExecutionMode.CONCURRENT)
  void withoutABugNothingTurnsRedAmongNodes(Scenario scenario) {
    play("control-" + scenario.name().toLowerCase(Locale.ROOT), scenario, List.of()).holds();
  }

  private static Stream<Scenario> ofSeveralNodes() {
    return Arrays.stream(Scenario.values()).filter(it -> it.nodes() > 1);
  }

  @ParameterizedTest
  @EnumSource
  @Order(3)
  @Execution(ExecutionMode.CONCURRENT)
  void everyPlantedBugTurnsItsInvariantRed(Mutant mutant) {
    Set<Invariant> broken = playBug(mutant);
    for (int moment = 2; moment <= MOMENTS && !broken.contains(mutant.fires()); moment++) {
      System.out.printf("%s: its moment did not come; it gets another%n", mutant);
      broken = playBug(mutant);
    }
    assertThat(broken).as(mutant.name()).contains(mutant.fires());
  }

  private static Set<Invariant> playBug(Mutant mutant) {
    String name = "mutant-" + mutant.name().toLowerCase(Locale.ROOT);
    return play(name, mutant.scenario(), mutant.patches()).broken();
  }

  @Test
  void everyInvariantHasABugThatTurnsItRed() {
    assertThat(EnumSet.allOf(Invariant.class))
        .isEqualTo(
            Arrays.stream(Mutant.values())
                .map(Mutant::fires)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Invariant.class))));
  }
}
