package dev.postrider.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.channel.Provider.Checked;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be sent to, and when a provider says to come back. */
class RecipientsTest {
  @ParameterizedTest
  @CsvSource({
    "+5511999998888, +5511999998888",
    "+55 (11) 99999-8888, +5511999998888",
    "+1-555-123-0000, +15551230000",
    "+44 07911 123456, +447911123456",
    "+4407911123456, +447911123456",
    "+390612345678, +390612345678",
    "+49 0151 12345678, +4915112345678"
  })
  void normalisesNumbers(String raw, String e164) {
    assertThat(PhoneNumbers.e164(raw)).isEqualTo(new Checked.Ok(e164));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5511999998888",
        "+",
        "+1555",
        "+15551234",
        "+0123456789",
        "+999123456789",
        "+1555123000000000",
        "+1 555 CALL",
        "hello",
        "+15551230000 ext 5",
        "+٥٥"
      })
  void refusesWhatIsNoNumber(String raw) {
    assertThat(PhoneNumbers.e164(raw)).isInstanceOf(Checked.Bad.class);
  }

  @Test
  void theShortWayAndTheLongWayAgree() {
    long seed = System.nanoTime();
    java.util.Random random = new java.util.Random(seed);
    var util = com.google.i18n.phonenumbers.PhoneNumberUtil.getInstance();
    for (int i = 0; i < 3000; i++) {
      String raw =
          "+"
              + (1 + random.nextInt(9))
              + Long.toString(1_000_000L + (long) (random.nextDouble() * 1e13));
      String expected = "bad";
      try {
        var number = util.parse(raw, null);
        expected =
            util.isPossibleNumberWithReason(number)
                    == com.google.i18n.phonenumbers.PhoneNumberUtil.ValidationResult.IS_POSSIBLE
                ? util.format(
                    number, com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat.E164)
                : "bad";
      } catch (com.google.i18n.phonenumbers.NumberParseException _) {
        // bad
      }
      String actual = PhoneNumbers.e164(raw) instanceof Checked.Ok(var ok) ? ok : "bad";
      // A parser may also strip a national prefix that the number carries by mistake: shorter,
      // never other.
      if (!actual.equals(expected)) {
        assertThat(actual.equals("bad") ? expected : actual)
            .as("seed %s: %s, parsed %s", seed, raw, expected)
            .isEqualTo(raw);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ana@example.org, ana@example.org",
    "Ana.B+c@EXAMPLE.org, Ana.B+c@example.org",
    "x@münchen.de, x@xn--mnchen-3ya.de",
    "x@xn--strae-oqa.de, x@xn--strae-oqa.de"
  })
  void normalisesEmailAddresses(String raw, String normal) {
    assertThat(EmailAddresses.parse(raw)).isEqualTo(new Checked.Ok(normal));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ana",
        "@example.org",
        "ana@",
        "a b@example.org",
        "ana@exa mple.org",
        ".a@b.c",
        "a..b@c.d",
        "a@-b.c",
        "a@b..c",
        "a@b.c\nBcc: d@e.f",
        "\"a\"@b.c",
        "a@[127.0.0.1]",
        "ana@straße.de",
        "ana@Σίσυφος.gr",
        "ana@a\u200db.de"
      })
  void refusesWhatIsNoEmailAddress(String raw) {
    assertThat(EmailAddresses.parse(raw)).isInstanceOf(Checked.Bad.class);
  }

  @Test
  void readsRetryAfterInBothFormsAndClampsIt() {
    Instant now = Instant.parse("2026-11-23T10:00:00Z");
    assertThat(RetryAfter.parse("5", now)).contains(Duration.ofSeconds(5));
    assertThat(RetryAfter.parse("0", now)).contains(Duration.ZERO);
    assertThat(RetryAfter.parse("Mon, 23 Nov 2026 10:01:00 GMT", now))
        .contains(Duration.ofMinutes(1));
    assertThat(RetryAfter.parse("Mon, 23 Nov 2026 09:00:00 GMT", now)).contains(Duration.ZERO);
    assertThat(RetryAfter.parse("999999999", now)).contains(RetryAfter.LONGEST);
    assertThat(RetryAfter.parse("9999999999", now)).contains(RetryAfter.LONGEST);
    assertThat(RetryAfter.parse("-1", now)).isEmpty();
    assertThat(RetryAfter.parse("soon", now)).isEmpty();
  }
}
