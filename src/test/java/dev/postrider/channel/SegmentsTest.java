package dev.postrider.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Seed;
import dev.postrider.channel.Segments.Encoding;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentsTest {
  @ParameterizedTest
  @CsvSource({
    "a, 160, GSM_7, 1, 160",
    "a, 161, GSM_7, 2, 161",
    "a, 306, GSM_7, 2, 306",
    "a, 307, GSM_7, 3, 307",
    "€, 80, GSM_7, 1, 160",
    "€, 81, GSM_7, 2, 162",
    // 76 of them fill 152 of 153: the next does not fit.
    "€, 152, GSM_7, 2, 304",
    "€, 153, GSM_7, 3, 306",
    "ж, 70, UCS_2, 1, 70",
    "ж, 71, UCS_2, 2, 71",
    "ж, 134, UCS_2, 2, 134",
    "ж, 135, UCS_2, 3, 135",
    "👍, 35, UCS_2, 1, 70",
    "👍, 36, UCS_2, 2, 72",
    // 33 fill 66 of 67.
    "👍, 66, UCS_2, 2, 132",
    "👍, 67, UCS_2, 3, 134",
    "ç, 10, UCS_2, 1, 10", // the small one is not in the alphabet, the capital one is
    "Ç, 10, GSM_7, 1, 10",
    "`, 10, UCS_2, 1, 10",
    "~, 10, GSM_7, 1, 20"
  })
  void countsAsCarriersDo(String character, int times, Encoding encoding, int count, int units) {
    assertThat(Segments.of(character.repeat(times)))
        .isEqualTo(new Segments(encoding, count, units));
  }

  @Test
  void nothingTakesNothing() {
    assertThat(Segments.of("")).isEqualTo(new Segments(Encoding.GSM_7, 0, 0));
  }

  @Test
  void oneCharacterCanTripleTheCost() {
    assertThat(Segments.of("a".repeat(160)).count()).isEqualTo(1);
    assertThat(Segments.of("a".repeat(159) + "ж").count()).isEqualTo(3);
  }

  /** Whatever the text: enough room, none of it given away, and more text is never less. */
  @Test
  void isNeitherTooFewNorTooMany() {
    String alphabet = "aä€{ж👍\n ";
    Random random = new Random(Seed.value());
    for (int round = 0; round < 5_000; round++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(400);
      int kinds = 1 + random.nextInt(6);
      for (int i = 0; i < length; i++) {
        int at = alphabet.offsetByCodePoints(0, random.nextInt(kinds));
        text.appendCodePoint(alphabet.codePointAt(at));
      }
      Segments all = Segments.of(text.toString());
      int room = all.encoding() == Encoding.GSM_7 ? 153 : 67;
      String what = "seed " + Seed.value() + " round " + round;
      assertThat(all.units())
          .as(what)
          .isGreaterThanOrEqualTo(text.codePointCount(0, text.length()));
      if (all.count() > 1) {
        assertThat(all.units()).as(what).isLessThanOrEqualTo(all.count() * room);
        // A segment is left with one unit at most.
        assertThat(all.units()).as(what).isGreaterThan((all.count() - 1) * (room - 1));
      }
      assertThat(Segments.of(text + "a").count()).as(what).isGreaterThanOrEqualTo(all.count());
    }
  }
}
