import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Verifies deliveries signed after the Standard Webhooks specification. Copy it. Needs nothing but
 * a JDK from 11 on; safe for many threads.
 */
public final class WebhookVerifier {
  private static final Duration TOLERANCE = Duration.ofMinutes(5);
  private final byte[] key;

  /** Takes the secret as it was shown: {@code whsec_} and base64. */
  public WebhookVerifier(String secret) {
    String text = secret.startsWith("whsec_") ? secret.substring(6) : secret;
    this.key = Base64.getDecoder().decode(text);
  }

  /**
   * Whether a delivery is ours and fresh. A header that is missing is null.
   *
   * @param id the webhook-id header
   * @param timestamp the webhook-timestamp header
   * @param signatures the webhook-signature header
   * @param body the bytes as they came, before any parser
   */
  public boolean isGenuine(String id, String timestamp, String signatures, byte[] body) {
    if (id == null || timestamp == null || signatures == null) {
      return false;
    }
    try {
      Instant sent = Instant.ofEpochSecond(Long.parseLong(timestamp));
      if (Duration.between(sent, Instant.now()).abs().compareTo(TOLERANCE) > 0) {
        return false;
      }
    } catch (RuntimeException notATime) {
      return false;
    }
    byte[] expected = signature(id, timestamp, body).getBytes(StandardCharsets.UTF_8);
    for (String one : signatures.split(" ")) {
      // While a secret is changed there are two, and one of them is ours.
      if (MessageDigest.isEqual(expected, one.getBytes(StandardCharsets.UTF_8))) {
        return true;
      }
    }
    return false;
  }

  private String signature(String id, String timestamp, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
