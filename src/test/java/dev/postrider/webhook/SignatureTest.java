package dev.postrider.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.secret.Hmac;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignatureTest {
  /** The vector of the specification's own libraries. */
  @Test
  void signsAsTheStandardDoes() {
    SigningSecret secret = new SigningSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", null);
    byte[] body = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);
    assertThat(
            Signature.of(
                List.of(secret.hmac()), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void signsWithEverySecretThatHolds() {
    byte[] body = new byte[0];
    SigningSecret first = SigningSecret.generate();
    SigningSecret second = SigningSecret.generate();
    assertThat(Base64.getDecoder().decode(first.text().substring(6))).hasSize(32);
    assertThat(first).isNotEqualTo(second);
    Hmac one = first.hmac();
    Hmac other = second.hmac();
    assertThat(Signature.of(List.of(one, other), "id", 1, body))
        .isEqualTo(
            Signature.of(List.of(one), "id", 1, body)
                + " "
                + Signature.of(List.of(other), "id", 1, body));
  }

  @Test
  void doesNotShowASecretByAccident() {
    SigningSecret secret = SigningSecret.generate();
    assertThat(secret.toString()).doesNotContain(secret.text().substring(6));
  }
}
