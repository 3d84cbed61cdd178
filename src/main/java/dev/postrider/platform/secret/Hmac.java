package dev.postrider.platform.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A keyed hash: HMAC with SHA-256 or SHA-512. Safe for use by many threads. */
public final class Hmac {
  private final String algorithm;
  private final SecretKeySpec key;

  private Hmac(String algorithm, byte[] key) {
    this.algorithm = algorithm;
    this.key = new SecretKeySpec(key, algorithm);
  }

  public static Hmac sha256(byte[] key) {
    return new Hmac("HmacSHA256", key);
  }

  public static Hmac sha512(byte[] key) {
    return new Hmac("HmacSHA512", key);
  }

  /** A keyed hash for one purpose, with a key derived from the master key. */
  public static Hmac derived(MasterKey master, String purpose) {
    return sha256(master.derive(purpose));
  }

  public byte[] of(byte[] data) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(key);
      return mac.doFinal(data);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(algorithm + " is missing from this JDK", e);
    }
  }

  public byte[] of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Compares in constant time. */
  public boolean matches(byte[] data, byte[] expected) {
    return MessageDigest.isEqual(of(data), expected);
  }
}
