package dev.postrider.architecture;

import dev.postrider.PostriderApplication;
import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

/** The arrows between the packages, as their package-info declares them. */
class ModulesTest {
  @Test
  void arrowsPointDown() {
    ApplicationModules.of(PostriderApplication.class).verify();
  }
}
