package dev.postrider.channel;

/**
 * How an SMS is cut: what carriers count, and charge for. The GSM 7-bit alphabet where it has every
 * character (3GPP TS 23.038, 6.2.1, and its extension table), else UCS-2.
 *
 * @param encoding how it is written
 * @param count how many segments it takes; 0 for an empty text
 * @param units what it takes of them: septets, or 16-bit units
 */
public record Segments(Encoding encoding, int count, int units) {

  /** How a text is written in an SMS. */
  public enum Encoding {
    /** 160 septets in one segment, 153 in each of several (a header takes the rest). */
    GSM_7("GSM-7", 160, 153),
    /** 70 units in one segment, 67 in each of several. */
    UCS_2("UCS-2", 70, 67);

    private final String word;
    private final int alone;
    private final int together;

    Encoding(String word, int alone, int together) {
      this.word = word;
      this.alone = alone;
      this.together = together;
    }

    public String word() {
      return word;
    }
  }

  private static final String BASIC =
      "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
          + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

  /** Each takes two septets. */
  private static final String EXTENSION = "\f^{}\\[~]|€";

  public static Segments of(String text) {
    Encoding encoding =
        text.codePoints().allMatch(Segments::isGsm7) ? Encoding.GSM_7 : Encoding.UCS_2;
    int units = text.codePoints().map(it -> units(it, encoding)).sum();
    return new Segments(
        encoding, units <= encoding.alone ? Math.min(units, 1) : cut(text, encoding), units);
  }

  /** A character is never divided: where it does not fit, the next segment begins. */
  private static int cut(String text, Encoding encoding) {
    int count = 1;
    int used = 0;
    for (int at = 0; at < text.length(); at = text.offsetByCodePoints(at, 1)) {
      int units = units(text.codePointAt(at), encoding);
      if (used + units > encoding.together) {
        count++;
        used = 0;
      }
      used += units;
    }
    return count;
  }

  private static boolean isGsm7(int character) {
    return BASIC.indexOf(character) >= 0 || EXTENSION.indexOf(character) >= 0;
  }

  private static int units(int character, Encoding encoding) {
    return switch (encoding) {
      case GSM_7 -> EXTENSION.indexOf(character) >= 0 ? 2 : 1;
      case UCS_2 -> Character.charCount(character);
    };
  }
}
