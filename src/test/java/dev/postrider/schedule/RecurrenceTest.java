package dev.postrider.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.Cron;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecurrenceTest {
  private static Recurrence rule(String cron, String zone) {
    return new Recurrence(Cron.parse(cron).orElseThrow(), ZoneId.of(zone));
  }

  /** From a moment on: the next dates, each once, on the days when clocks are changed too. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // 02:30 is skipped on the 8th, and comes when the clock jumps.
        "30 2 * * * | America/New_York | 2026-03-07T12:00:00Z"
            + " | 2026-03-08T07:00:00Z 2026-03-09T06:30:00Z",
        // 01:30 comes twice on the 1st: the first of the two, once.
        "30 1 * * * | America/New_York | 2026-10-31T12:00:00Z"
            + " | 2026-11-01T05:30:00Z 2026-11-02T06:30:00Z",
        // All that falls into the gap comes together with what is due at its end.
        "*/20 * * * * | America/New_York | 2026-03-08T06:40:00Z"
            + " | 2026-03-08T07:00:00Z 2026-03-08T07:20:00Z",
        // Nothing comes in the hour that is repeated.
        "*/30 * * * * | America/New_York | 2026-11-01T05:30:00Z"
            + " | 2026-11-01T07:00:00Z 2026-11-01T07:30:00Z",
        // Asked within the repeated hour.
        "*/30 * * * * | America/New_York | 2026-11-01T06:10:00Z | 2026-11-01T07:00:00Z",
        // Midnight is skipped.
        "0 0 * * * | America/Sao_Paulo | 2018-11-03T12:00:00Z"
            + " | 2018-11-04T03:00:00Z 2018-11-05T02:00:00Z",
        // Half an hour is skipped.
        "15 2 * * * | Australia/Lord_Howe | 2026-10-03T12:00:00Z"
            + " | 2026-10-03T15:30:00Z 2026-10-04T15:15:00Z",
        "0 9 29 2 * | UTC | 2026-01-01T00:00:00Z | 2028-02-29T09:00:00Z 2032-02-29T09:00:00Z",
        "0 9 * * 1#5 | UTC | 2026-11-01T00:00:00Z | 2026-11-30T09:00:00Z 2027-03-29T09:00:00Z",
        "0 9 1 JUL-AUG * | UTC | 2026-11-01T00:00:00Z | 2027-07-01T09:00:00Z 2027-08-01T09:00:00Z",
        "0 9 L-27 * * | UTC | 2026-11-01T00:00:00Z | 2026-11-03T09:00:00Z 2026-12-04T09:00:00Z",
        "@daily | Asia/Tokyo | 2026-06-01T00:00:00Z | 2026-06-01T15:00:00Z",
        "0 9 * * MON-FRI | UTC | 2026-11-27T10:00:00Z | 2026-11-30T09:00:00Z"
      })
  void hasEachDateOnce(String cron, String zone, Instant from, String dates) {
    List<Instant> expected = Arrays.stream(dates.split(" ")).map(Instant::parse).toList();
    assertThat(rule(cron, zone).after(from, expected.size())).isEqualTo(expected);
  }

  @Test
  void hasNoDateThatCannotBe() {
    assertThat(rule("0 0 30 2 *", "UTC").after(Instant.parse("2026-01-01T00:00:00Z"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "* * * *",
        "* * * * * *",
        "61 * * * *",
        "@never",
        "a b c d e",
        "@reboot",
        "0 0 * * 1#6",
        "0 0 * * 1#2000000000",
        "0 0 l-28 * *",
        "0 0 L-2000000000 * *"
      })
  void isNoRule(String text) {
    assertThat(Cron.parse(text)).isEmpty();
  }
}
