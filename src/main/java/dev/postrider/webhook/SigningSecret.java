package dev.postrider.webhook;

import dev.postrider.platform.secret.Hmac;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A secret an endpoint's deliveries are signed with.
 *
 * @param text {@code whsec_} and 32 random bytes in base64
 * @param until when it stops to sign, after a rotation; null for the current one
 */
public record SigningSecret(String text, @Nullable Instant until) {
  private static final String PREFIX = "whsec_";
  private static final SecureRandom RANDOM = new SecureRandom();

  static SigningSecret generate() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return new SigningSecret(PREFIX + Base64.getEncoder().encodeToString(bytes), null);
  }

  Hmac hmac() {
    return Hmac.sha256(Base64.getDecoder().decode(text.substring(PREFIX.length())));
  }

  boolean holdsAt(Instant now) {
    return until == null || now.isBefore(until);
  }

  @Override
  public String toString() {
    return "SigningSecret[…]";
  }
}
