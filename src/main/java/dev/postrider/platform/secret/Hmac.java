package dev.postrider.platform.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A keyed hash: HMAC with SHA-1 (for those who still sign so), SHA-256 or SHA-512. Safe for use by
 * many threads.
 */
public final class Hmac {
  /** Initialised once and cloned for each use: looking the algorithm up costs more than hashing. */
  private final Mac prototype;

  private Hmac(String algorithm, byte[] key) {
    try {
      this.prototype = Mac.getInstance(algorithm);
      this.prototype.init(new SecretKeySpec(key, algorithm));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(algorithm + " is missing from this JDK", e);
    }
  }

  public static Hmac sha1(byte[] key) {
    return new Hmac("HmacSHA1", key);
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

  /** Of these bytes, one after the other. */
  public byte[] of(byte[]... data) {
    try {
      Mac mac = (Mac) prototype.clone();
      for (byte[] part : data) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's own HMAC can be cloned", e);
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
