package dev.postrider.platform.idempotency;

import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Text;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * What makes a request the same request: its scope, its key, and a fingerprint of what was asked.
 *
 * @param scope the application, never its key, so that rotating keys changes nothing; 0 for the
 *     operator
 * @param fingerprint SHA-256 of method, route and raw body
 */
@SuppressWarnings("ArrayRecordComponent") // equality is scope and key
public record IdempotencyKey(long scope, String key, byte[] fingerprint) {
  public static final String HEADER = "Idempotency-Key";
  private static final int MAX = 255;

  /**
   * Reads the header: a Structured-Field string ({@code "…"}) or the bare text many clients send
   * (draft-ietf-httpapi-idempotency-key-header). Null when there is none.
   */
  public static @Nullable IdempotencyKey of(
      long scope, @Nullable String header, String method, String route, byte[] body) {
    if (header == null) {
      return null;
    }
    String key = unquoted(header.strip());
    if (key.isEmpty() || key.length() > MAX || Text.flaw(key) != null || !isPrintable(key)) {
      throw ProblemException.invalid(HEADER, "must be 1 to " + MAX + " printable ASCII characters");
    }
    return new IdempotencyKey(scope, key, fingerprint(method, route, body));
  }

  private static String unquoted(String header) {
    boolean quoted = header.length() >= 2 && header.startsWith("\"") && header.endsWith("\"");
    return quoted
        ? header.substring(1, header.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\")
        : header;
  }

  private static boolean isPrintable(String key) {
    return key.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
  }

  private static byte[] fingerprint(String method, String route, byte[] body) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update((method + " " + route + "\n").getBytes(StandardCharsets.UTF_8));
      return sha.digest(body);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this JDK", e);
    }
  }

  public boolean isSameRequestAs(byte[] otherFingerprint) {
    return MessageDigest.isEqual(fingerprint, otherFingerprint);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IdempotencyKey that && scope == that.scope && key.equals(that.key);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(scope) * 31 + key.hashCode();
  }

  @Override
  public String toString() {
    return "IdempotencyKey[" + scope + "]";
  }
}
