package dev.postrider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.postrider.circuit.CircuitSettings;
import dev.postrider.platform.SettingsException;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class StartFailureReporterTest {
  /** A property is told of like a variable: in one line that names it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "first-wait | soon | postrider.circuit.first-wait is 'soon', which is no time such as 500ms, 30s or 5m.",
        "window | x | postrider.circuit.window is 'x', which is no whole number.",
        "failure-rate | 500 | postrider.circuit.failure-rate must be from 1 to 100."
      })
  void saysWhichPropertyCannotBe(String name, String value, String line) {
    Binder binder =
        new Binder(new MapConfigurationPropertySource(Map.of("postrider.circuit." + name, value)));
    Throwable failure =
        catchThrowable(() -> binder.bind("postrider.circuit", CircuitSettings.class));
    SettingsException setting = Objects.requireNonNull(StartFailureReporter.setting(failure));
    assertThat(setting.getMessage()).startsWith(line).doesNotContain("\n");
  }
}
