package dev.postrider.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuietHoursTest {
  @ParameterizedTest
  @CsvSource({
    // Over midnight, in Berlin's winter (+01:00).
    "Europe/Berlin,       22:00, 08:00, 2026-12-24T20:59:59Z,",
    "Europe/Berlin,       22:00, 08:00, 2026-12-24T21:00:00Z, 2026-12-25T07:00:00Z",
    "Europe/Berlin,       22:00, 08:00, 2026-12-25T02:00:00Z, 2026-12-25T07:00:00Z",
    "Europe/Berlin,       22:00, 08:00, 2026-12-25T07:00:00Z,",
    // Within a day.
    "UTC,                 12:00, 14:00, 2026-06-01T13:00:00Z, 2026-06-01T14:00:00Z",
    "UTC,                 12:00, 14:00, 2026-06-01T14:00:00Z,",
    "UTC,                 12:00, 14:00, 2026-06-01T11:59:59Z,",
    // Its end is skipped: 02:30 does not exist, and the quiet ends when the clock jumps.
    "America/New_York,    22:00, 02:30, 2026-03-08T06:30:00Z, 2026-03-08T07:00:00Z",
    // Its end comes twice: in the first 01:15 it ends at the first 01:30, in the second at the
    // second.
    "America/New_York,    22:00, 01:30, 2026-11-01T05:15:00Z, 2026-11-01T05:30:00Z",
    "America/New_York,    22:00, 01:30, 2026-11-01T06:15:00Z, 2026-11-01T06:30:00Z",
    // Midnight was skipped.
    "America/Sao_Paulo,   21:00, 00:30, 2018-11-04T02:30:00Z, 2018-11-04T03:00:00Z",
    "Australia/Lord_Howe, 22:00, 02:15, 2026-10-03T15:00:00Z, 2026-10-03T15:30:00Z"
  })
  void endWhenTheClockOfTheZoneSaysSo(
      String zone, LocalTime start, LocalTime end, Instant now, Instant over) {
    assertThat(new QuietHours(start, end, ZoneId.of(zone)).endsAfter(now, null))
        .isEqualTo(Optional.ofNullable(over));
  }

  @Test
  void followTheRecipientsClockWhereItIsKnown() {
    QuietHours quiet =
        new QuietHours(LocalTime.parse("22:00"), LocalTime.parse("08:00"), ZoneId.of("UTC"));
    Instant now = Instant.parse("2026-06-01T12:00:00Z");
    assertThat(quiet.endsAfter(now, null)).isEmpty();
    assertThat(quiet.endsAfter(now, ZoneId.of("Asia/Tokyo"))).isEmpty(); // 21:00 there
    assertThat(quiet.endsAfter(now, ZoneId.of("Australia/Sydney"))) // 22:00 there
        .contains(Instant.parse("2026-06-01T22:00:00Z"));
  }
}
