package dev.postrider.platform.secret;

import com.google.crypto.tink.subtle.Hkdf;
import dev.postrider.platform.Secret;
import dev.postrider.platform.SettingsException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.stream.IntStream;

/** The one secret everything at rest hangs on. Keys for each purpose are derived from it. */
public final class MasterKey {
  private static final int BYTES = 32;
  private final byte[] bytes;

  private MasterKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A new random key, as it is written to a file. */
  public static String generate() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  public static MasterKey parse(Secret text) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text.value());
      if (bytes.length == BYTES && isLikelyRandom(bytes)) {
        return new MasterKey(bytes);
      }
    } catch (IllegalArgumentException _) {
      // said below
    }
    throw new SettingsException(
        "POSTRIDER_MASTER_KEY",
        "must be 32 random bytes in base64",
        "Make one with: head -c 32 /dev/urandom | base64");
  }

  /** Of 32 random bytes, fewer than one in 2^70 have so few different ones. */
  private static boolean isLikelyRandom(byte[] bytes) {
    return IntStream.range(0, bytes.length).map(i -> bytes[i]).distinct().count() >= 10;
  }

  /** A key for one purpose (HKDF-SHA-256, RFC 5869); purposes cannot be told from one another. */
  byte[] derive(String purpose) {
    try {
      return Hkdf.computeHkdf(
          "HMACSHA256",
          bytes,
          new byte[0],
          ("postrider/" + purpose).getBytes(StandardCharsets.UTF_8),
          BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HKDF-SHA-256 is missing from this JDK", e);
    }
  }
}
