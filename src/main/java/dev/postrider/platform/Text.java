package dev.postrider.platform;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** What text may contain, and how an address may be shown. */
public final class Text {
  private Text() {}

  /**
   * Says what makes a text unfit to be stored and sent, or null when it is fit. Java would turn a
   * lone surrogate into "?" without a word, and PostgreSQL refuses NUL: both are the caller's to
   * mend, not ours to change.
   */
  public static @Nullable String flaw(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 && c != '\n' && c != '\t' && c != '\r') {
        return "must not contain the control character U+%04X".formatted((int) c);
      }
      if (c == 0x7f || (c >= 0x80 && c < 0xa0)) {
        return "must not contain the control character U+%04X".formatted((int) c);
      }
      if (c == 0xfffe || c == 0xffff) {
        return "must not contain the noncharacter U+%04X".formatted((int) c);
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return "must not contain the lone surrogate U+%04X".formatted((int) c);
      }
    }
    return null;
  }

  /**
   * Makes text from outside (a provider's answer, an exception's message) fit to be stored, logged
   * and shown: control characters and lone surrogates become spaces, and the length is capped.
   */
  public static String cleaned(@Nullable String text, int maxChars) {
    if (text == null) {
      return "";
    }
    StringBuilder clean = new StringBuilder(Math.min(text.length(), maxChars));
    text.codePoints()
        .limit(maxChars)
        .forEach(c -> {
          boolean unfit =
              Character.isISOControl(c)
                  || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
                  || c == 0x2028
                  || c == 0x2029
                  || (c >= 0x202a && c <= 0x202e)
                  || (c >= 0x2066 && c <= 0x2069)
                  || c == 0xfffe
                  || c == 0xffff;
          clean.appendCodePoint(unfit ? ' ' : c);
        });
    return clean.toString().strip();
  }

  /** Shows a number or an e-mail address so that it can be recognised but not used. */
  public static String masked(@Nullable String address) {
    if (address == null || address.isEmpty()) {
      return "";
    }
    int at = address.indexOf('@');
    if (at > 0) {
      return address.charAt(0) + "•••" + address.substring(at);
    }
    int keep = Math.min(4, address.length() / 3);
    int head = address.startsWith("+") ? Math.min(3, address.length() - keep) : 0;
    return address.substring(0, head) + "•••" + address.substring(address.length() - keep);
  }

  /** Whether this is an absolute http or https URL with a host. */
  public static boolean isHttpUrl(String text) {
    try {
      URI uri = URI.create(text);
      return uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** A hash of 64 bits (FNV-1a), the same on every node; not for secrets. */
  public static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }
}
