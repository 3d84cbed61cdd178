package dev.postrider.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ApiKeyTest {
  @Test
  void hasTheFormTheContractSays() {
    ApiKey key = ApiKey.generate(ApiKey.APP_PREFIX);
    assertThat(key.text()).matches("pr_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}").contains(key.kid());
    assertThat(ApiKey.parse(key.text())).contains(key);
    assertThat(key.toString()).doesNotContain(key.text());
  }

  @Test
  void tellsATypingErrorWithoutTheDatabase() {
    String text = ApiKey.generate(ApiKey.APP_PREFIX).text();
    for (int i = text.indexOf('_', 8) + 1; i < text.length(); i++) {
      char other = text.charAt(i) == 'a' ? 'b' : 'a';
      assertThat(ApiKey.parse(text.substring(0, i) + other + text.substring(i + 1)))
          .as("at %s", i)
          .isEmpty();
    }
    assertThat(ApiKey.parse("")).isEmpty();
    assertThat(ApiKey.parse("pr_test_x")).isEmpty();
  }
}
