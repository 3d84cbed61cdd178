package dev.postrider.channel;

import java.net.IDN;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * E-mail addresses: the dot-string form of RFC 5321 section 4.1.2, with its length limits. Quoted
 * local parts and address literals are refused; nobody's customer has one.
 */
public final class EmailAddresses {
  private static final Pattern LOCAL =
      Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*");
  private static final Pattern DOMAIN =
      Pattern.compile(
          "([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

  /**
   * What IDNA2003, which the JDK knows, maps to other letters or drops, and IDNA2008 (RFC 5894,
   * 7.2) keeps: straße.de and strasse.de may be two people's.
   */
  private static final Pattern AMBIGUOUS = Pattern.compile("[\u00df\u1e9e\u03c2\u200c\u200d]");

  private static final String RULE = "must be an e-mail address, such as ana@example.org";

  private EmailAddresses() {}

  /** The address with its domain in lower-case ASCII; the local part stays as it is. */
  public static Provider.Checked parse(String raw) {
    String text = raw.strip();
    int at = text.lastIndexOf('@');
    if (at < 1 || at == text.length() - 1 || text.length() > 254) {
      return new Provider.Checked.Bad(RULE);
    }
    String local = text.substring(0, at);
    if (local.length() > 64 || !LOCAL.matcher(local).matches()) {
      return new Provider.Checked.Bad(RULE);
    }
    if (AMBIGUOUS.matcher(text.substring(at + 1)).find()) {
      return new Provider.Checked.Bad(
          "must have a domain with \u00df, \u03c2 or a joiner in its ASCII form (xn--\u2026): which"
              + " domain is meant depends on the standard");
    }
    try {
      String domain =
          IDN.toASCII(text.substring(at + 1), IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
      return domain.length() <= 253 && DOMAIN.matcher(domain).matches()
          ? new Provider.Checked.Ok(local + "@" + domain)
          : new Provider.Checked.Bad(RULE);
    } catch (IllegalArgumentException _) {
      return new Provider.Checked.Bad(RULE);
    }
  }
}
