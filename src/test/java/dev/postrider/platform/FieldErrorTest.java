package dev.postrider.platform;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldErrorTest {
  /** As RFC 6901 writes it, so that a program finds the place. */
  @ParameterizedTest
  @CsvSource({
    "recipient, #/recipient",
    "settings.host, #/settings/host",
    "whatsapp_template.body[0], #/whatsapp_template/body/0",
    "messages[12].media.url, #/messages/12/media/url",
    "settings.a/b~c, #/settings/a~1b~0c"
  })
  void pointsToItsPlace(String field, String pointer) {
    assertThat(new FieldError(field, "is required").pointer()).isEqualTo(pointer);
  }
}
