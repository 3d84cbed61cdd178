package dev.postrider.app;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Pattern;
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
  private static final Pattern FORM =
      Pattern.compile("(pr_live_|pr_admin_)([0-9A-Za-z]{12})_([0-9A-Za-z]{49})");
  private static final SecureRandom RANDOM = new SecureRandom();

  static ApiKey generate(String prefix) {
    String kid = random(KID);
    String body = prefix + kid + "_" + random(SECRET);
    return new ApiKey(body + crc(body), kid);
  }

  /** Empty when the text is no key of ours: another form, or a typing error. */
  static Optional<ApiKey> parse(String text) {
    var matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int end = text.length() - CRC;
    return crc(text.substring(0, end)).equals(text.substring(end))
        ? Optional.of(new ApiKey(text, matcher.group(2)))
        : Optional.empty();
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
