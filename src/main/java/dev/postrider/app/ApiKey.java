package dev.postrider.app;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * An API key's text: {@code pr_live_<kid>_<secret><crc>}. The kid is public and finds the key; the
 * secret has more than 250 random bits; the CRC-32 tells a mistyped key from a wrong one without a
 * look at the database, and is no part of its security.
 */
record ApiKey(String text, String kid) {
  static final String APP_PREFIX = "pr_live_";
  static final String ADMIN_PREFIX = "pr_admin_";

  private static final int KID = 12;
  private static final int SECRET = 43;
  private static final int CRC = 6;
  private static final String ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final SecureRandom RANDOM = new SecureRandom();

  static ApiKey generate(String prefix) {
    String kid = random(KID);
    String body = prefix + kid + "_" + random(SECRET);
    return new ApiKey(body + crc(body), kid);
  }

  /** Empty when the text is no key of ours: another form, or a typing error. */
  static Optional<ApiKey> parse(String text) {
    String prefix = text.startsWith(APP_PREFIX) ? APP_PREFIX : ADMIN_PREFIX;
    int afterKid = prefix.length() + KID;
    boolean formed =
        text.startsWith(prefix)
            && text.length() == afterKid + 1 + SECRET + CRC
            && text.charAt(afterKid) == '_'
            && isBase62(text, prefix.length(), afterKid)
            && isBase62(text, afterKid + 1, text.length());
    if (!formed) {
      return Optional.empty();
    }
    int end = text.length() - CRC;
    return crc(text.substring(0, end)).equals(text.substring(end))
        ? Optional.of(new ApiKey(text, text.substring(prefix.length(), afterKid)))
        : Optional.empty();
  }

  /** By hand: every request comes by here. */
  private static boolean isBase62(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) {
        return false;
      }
    }
    return true;
  }

  boolean isForApp() {
    return text.startsWith(APP_PREFIX);
  }

  private static String random(int length) {
    StringBuilder random = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      random.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
    }
    return random.toString();
  }

  private static String crc(String body) {
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    long value = crc.getValue();
    char[] text = new char[CRC];
    for (int i = CRC - 1; i >= 0; i--) {
      text[i] = ALPHABET.charAt((int) (value % ALPHABET.length()));
      value /= ALPHABET.length();
    }
    return new String(text);
  }

  @Override
  public String toString() {
    return "ApiKey[" + kid + "]";
  }
}
