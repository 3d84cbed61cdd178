package dev.postrider.campaign;

import dev.postrider.campaign.PatchedBuild.Patch;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Told in seconds, and not when the mutants are run: which bug cannot be planted any more. */
class MutantTest {
  @ParameterizedTest
  @EnumSource
  void itsTextsStandInTheSources(Mutant mutant) throws IOException {
    for (Patch patch : mutant.patches()) {
      PatchedBuild.check(patch);
    }
  }

  @Test
  void soDoThoseOfAllScenarios() throws IOException {
    for (Patch patch : Scenario.SHORT_CALLS) {
      PatchedBuild.check(patch);
    }
  }
}
