package dev.postrider.platform.secret;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.subtle.AesGcmJce;
import dev.postrider.platform.Wired;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/**
 * Seals what must be kept but never shown: AES-256-GCM through Google Tink, bound to the row it
 * belongs to, so that a ciphertext copied to another row does not open.
 */
@Wired
public final class Vault {
  private final Aead aead;

  public Vault(MasterKey key) {
    try {
      this.aead = new AesGcmJce(key.derive("vault"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is missing from this JDK", e);
    }
  }

  /**
   * Seals a secret for one place.
   *
   * @param place table, column and row, such as {@code senders.credentials/7}
   */
  public byte[] seal(byte[] secret, String place) {
    try {
      return aead.encrypt(secret, place.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot seal " + place, e);
    }
  }

  /** Throws {@link SealBroken} when the master key or the place is another one. */
  public byte[] open(byte[] sealed, String place) {
    try {
      return aead.decrypt(sealed, place.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException _) {
      throw new SealBroken(place);
    }
  }

  /** A sealed value that this master key does not open here. */
  public static final class SealBroken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SealBroken(String place) {
      super(place + " does not open with this master key");
    }
  }
}
