package dev.postrider.channel;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;

/** Phone numbers as E.164, judged by libphonenumber. */
public final class PhoneNumbers {
  private static final PhoneNumberUtil UTIL = PhoneNumberUtil.getInstance();
  private static final int LONGEST = 40;
  private static final String RULE =
      "must be a phone number in international form, such as +5511999998888";

  /** The same recipients come again; parsing costs more than the rest of a validation together. */
  private static final Cache<String, Provider.Checked> SEEN =
      Caffeine.newBuilder().maximumSize(20_000).build();

  private PhoneNumbers() {}

  /**
   * The number in E.164. Asks for a possible number, not a valid one: numbering plans change faster
   * than anyone's tables, and a refusal of a real number is a message that never arrives.
   */
  public static Provider.Checked e164(String raw) {
    if (raw.length() > LONGEST) {
      return new Provider.Checked.Bad(RULE);
    }
    return SEEN.get(raw, PhoneNumbers::parse);
  }

  private static Provider.Checked parse(String raw) {
    String text = raw.strip();
    if (!text.startsWith("+")) {
      return new Provider.Checked.Bad(RULE);
    }
    try {
      PhoneNumber number = UTIL.parse(text, null);
      if (number.hasExtension() || !UTIL.isPossibleNumber(number)) {
        return new Provider.Checked.Bad(RULE + "; this one has an impossible length");
      }
      return new Provider.Checked.Ok(UTIL.format(number, PhoneNumberFormat.E164));
    } catch (NumberParseException _) {
      return new Provider.Checked.Bad(RULE);
    }
  }
}
