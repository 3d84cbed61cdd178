package dev.postrider.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  private static Settings read(Map<String, String> environment) {
    return Settings.read(environment, true);
  }

  @Test
  void needsNothing() {
    Settings settings = read(Map.of());
    assertThat(settings.port()).isEqualTo(8000);
    assertThat(settings.bind().isLoopbackAddress()).isTrue();
    assertThat(settings.postgres()).isEmpty();
    assertThat(settings.json()).isFalse();
    assertThat(Settings.read(Map.of(), false).json()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POSTRIDER_PORT=abc|POSTRIDER_PORT",
        "POSTRIDER_PORT=70000|POSTRIDER_PORT",
        "POSTRIDER_BIND=0.0.0.0|POSTRIDER_BIND",
        "POSTRIDER_BEHIND_PROXY=maybe|POSTRIDER_BEHIND_PROXY",
        "POSTRIDER_ADMIN_KEY=changeme|POSTRIDER_ADMIN_KEY",
        "POSTRIDER_ADMIN_KEY=password-password-password-password|POSTRIDER_ADMIN_KEY",
        "POSTRIDER_ADMIN_KEY=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|POSTRIDER_ADMIN_KEY",
        "POSTGRES_HOST=db|POSTGRES_PASSWORD",
        "POSTGRES_HOST=db,POSTGRES_PASSWORD=x,POSTGRES_SSLMODE=maybe|POSTGRES_SSLMODE",
        "WAHA_API_URL=waha:3000|WAHA_API_URL",
        "WAHA_API_URL=http://waha:3000|WAHA_API_KEY",
        "WAHA_API_URL=http://waha:3000,WAHA_API_KEY=k,WAHA_SESSION=my session|WAHA_SESSION",
        "POSTRIDER_LOG=xml|POSTRIDER_LOG",
        "POSTRIDER_TLS_CERT=/nowhere/cert.pem|POSTRIDER_TLS_KEY",
        "POSTRIDER_MASTER_KEY_FILE=/nowhere/key|POSTRIDER_MASTER_KEY_FILE"
      })
  void stopsWithOneLineThatNamesTheVariableAndTheMend(String settings, String variable) {
    Map<String, String> environment = new HashMap<>();
    for (String setting : settings.split(",", -1)) {
      environment.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
    }
    assertThatThrownBy(() -> read(environment))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith(variable + " ")
        .hasMessageNotContaining("\n")
        .message()
        .containsPattern("\\. [A-Z]");
  }

  /** Where a service is called postrider, and one postgres, it sets these in every container. */
  @Test
  void theVariablesOfKubernetesAreNobodysSettings() {
    Settings settings =
        read(
            Map.of(
                "POSTRIDER_PORT",
                "tcp://10.0.0.1:8000",
                "POSTGRES_HOST",
                "postgres",
                "POSTGRES_PASSWORD",
                "x",
                "POSTGRES_PORT",
                "tcp://10.0.0.2:5433"));
    assertThat(settings.port()).isEqualTo(8000);
    assertThat(settings.postgres().orElseThrow().port()).isEqualTo(5432);
  }

  @Test
  void bindsElsewhereOnlyBehindAProxyOrWithTls() {
    assertThat(
            read(Map.of("POSTRIDER_BIND", "0.0.0.0", "POSTRIDER_BEHIND_PROXY", "true"))
                .behindProxy())
        .isTrue();
  }

  @Test
  void neverPrintsASecret() {
    Settings settings =
        read(Map.of("WAHA_API_URL", "http://waha:3000/", "WAHA_API_KEY", "canary-key"));
    assertThat(settings.toString() + settings.waha()).doesNotContain("canary");
    assertThat(settings.waha().orElseThrow().url()).hasToString("http://waha:3000");
  }
}
