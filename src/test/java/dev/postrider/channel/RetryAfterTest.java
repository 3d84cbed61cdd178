package dev.postrider.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Seed;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

  @Test
  void readsSecondsAndDates() {
    assertThat(RetryAfter.parse("120", NOW)).contains(Duration.ofMinutes(2));
    assertThat(RetryAfter.parse(" 0 ", NOW)).contains(Duration.ZERO);
    assertThat(RetryAfter.parse("Wed, 25 Nov 2026 12:00:30 GMT", NOW))
        .contains(Duration.ofSeconds(30));
    assertThat(RetryAfter.parse("Wed, 25 Nov 2026 11:00:00 GMT", NOW)).contains(Duration.ZERO);
  }

  /** RFC 9110, 5.6.7: who reads a date must know these two as well. */
  @Test
  void readsTheOlderForms() {
    assertThat(RetryAfter.parse("Wednesday, 25-Nov-26 12:00:30 GMT", NOW))
        .contains(Duration.ofSeconds(30));
    assertThat(RetryAfter.parse("Sunday, 06-Nov-94 08:49:37 GMT", NOW)).contains(Duration.ZERO);
    assertThat(RetryAfter.parse("Wed Nov 25 12:00:30 2026", NOW)).contains(Duration.ofSeconds(30));
    assertThat(RetryAfter.parse("Sun Nov  6 08:49:37 1994", NOW)).contains(Duration.ZERO);
  }

  @Test
  void believesNoMoreThanAnHour() {
    assertThat(RetryAfter.parse("9".repeat(400), NOW)).contains(Duration.ofHours(1));
    assertThat(RetryAfter.parse("Fri, 31 Dec 9999 23:59:59 GMT", NOW))
        .contains(Duration.ofHours(1));
  }

  /** Whatever a provider sends: no exception, nothing negative, nothing beyond an hour. */
  @Test
  void staysWithinBoundsForAnyText() {
    Random random = new Random(Seed.value());
    String alphabet = "0123456789-+. :,GMTWedNov\t\u0660\u0967x";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(32); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      Optional<Duration> wait = RetryAfter.parse(text.toString(), NOW);
      assertThat(wait.map(it -> !it.isNegative() && it.compareTo(RetryAfter.LONGEST) <= 0))
          .as("seed %s: '%s'", Seed.value(), text)
          .isNotEqualTo(Optional.of(false));
    }
  }

  @Test
  void readsEveryDateItWrites() {
    Random random = new Random(Seed.value());
    for (int i = 0; i < 2000; i++) {
      int seconds = random.nextInt(3600);
      String date =
          DateTimeFormatter.RFC_1123_DATE_TIME.format(
              NOW.plusSeconds(seconds).atOffset(ZoneOffset.UTC));
      assertThat(RetryAfter.parse(date, NOW)).as(date).contains(Duration.ofSeconds(seconds));
    }
  }
}
