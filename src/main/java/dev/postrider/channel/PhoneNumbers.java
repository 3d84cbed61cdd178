package dev.postrider.channel;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.PhoneNumberUtil.ValidationResult;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.util.Set;

/** Phone numbers as E.164, judged by libphonenumber. */
public final class PhoneNumbers {
  private static final PhoneNumberUtil UTIL = PhoneNumberUtil.getInstance();
  private static final int LONGEST = 40;
  private static final int SHORTEST_E164 = 8;
  private static final int LONGEST_E164 = 16;
  private static final String RULE =
      "must be a phone number in international form, such as +5511999998888";

  private static final Set<Integer> COUNTRIES = UTIL.getSupportedCallingCodes();

  /** The same recipients come again, and parsing costs more than the rest of a validation. */
  private static final Cache<String, Provider.Checked> SEEN =
      Caffeine.newBuilder().maximumSize(20_000).build();

  private PhoneNumbers() {}

  /**
   * The number in E.164. Asks for a possible number, not a valid one: numbering plans change faster
   * than anyone's tables, and a refusal of a real number is a message that never arrives.
   */
  public static Provider.Checked e164(String raw) {
    if (isE164(raw)) {
      return new Provider.Checked.Ok(raw);
    }
    return raw.length() > LONGEST
        ? new Provider.Checked.Bad(RULE)
        : SEEN.get(raw, PhoneNumbers::parse);
  }

  /**
   * Whether the text is a possible number in E.164 already. Most are, and asking the library's
   * length tables directly costs a tenth of parsing. A national part that starts with 0 may hold a
   * trunk prefix and is left to the parser.
   */
  private static boolean isE164(String raw) {
    int length = raw.length();
    if (length < SHORTEST_E164 || length > LONGEST_E164 || raw.charAt(0) != '+') {
      return false;
    }
    long digits = 0;
    for (int i = 1; i < length; i++) {
      char c = raw.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
      digits = digits * 10 + (c - '0');
    }
    long scale = (long) Math.pow(10, length - 2);
    for (int code = 1; code <= 3; code++, scale /= 10) {
      int country = (int) (digits / scale);
      if (COUNTRIES.contains(country)) {
        boolean noTrunkPrefix = raw.charAt(1 + code) != '0';
        PhoneNumber number =
            new PhoneNumber().setCountryCode(country).setNationalNumber(digits % scale);
        return noTrunkPrefix && isPossible(number);
      }
    }
    return false;
  }

  /** Possible from abroad: a number that only its own town can dial is none. */
  private static boolean isPossible(PhoneNumber number) {
    return UTIL.isPossibleNumberWithReason(number) == ValidationResult.IS_POSSIBLE;
  }

  private static Provider.Checked parse(String raw) {
    String text = raw.strip();
    boolean letters = text.chars().anyMatch(Character::isLetter); // 1-800-FLOWERS is not E.164
    if (!text.startsWith("+") || letters) {
      return new Provider.Checked.Bad(RULE);
    }
    try {
      PhoneNumber number = UTIL.parse(text, null);
      if (number.hasExtension() || !isPossible(number)) {
        return new Provider.Checked.Bad(RULE + "; this one has an impossible length");
      }
      return new Provider.Checked.Ok(UTIL.format(number, PhoneNumberFormat.E164));
    } catch (NumberParseException _) {
      return new Provider.Checked.Bad(RULE);
    }
  }
}
