package dev.postrider.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WallClockTest {
  /** The hard days: gaps of an hour, of half an hour, at midnight; and times there are twice. */
  @ParameterizedTest
  @CsvSource({
    "America/New_York,    2026-03-08T02:30, 2026-03-08T07:00:00Z", // gap 02:00 to 03:00
    "America/New_York,    2026-03-08T03:00, 2026-03-08T07:00:00Z",
    "America/New_York,    2026-11-01T01:30, 2026-11-01T05:30:00Z", // twice: the earlier
    "America/New_York,    2026-11-01T02:00, 2026-11-01T07:00:00Z",
    "America/Sao_Paulo,   2018-11-04T00:00, 2018-11-04T03:00:00Z", // midnight was skipped
    "America/Sao_Paulo,   2018-11-04T00:59, 2018-11-04T03:00:00Z",
    "America/Sao_Paulo,   2018-02-17T23:30, 2018-02-18T01:30:00Z", // twice, before midnight
    "America/Sao_Paulo,   2026-11-04T00:00, 2026-11-04T03:00:00Z", // no summer time any more
    "Australia/Lord_Howe, 2026-10-04T02:15, 2026-10-03T15:30:00Z", // gap of half an hour
    "Australia/Lord_Howe, 2026-04-05T01:45, 2026-04-04T14:45:00Z", // twice, half an hour apart
    "Europe/Berlin,       2028-02-29T12:00, 2028-02-29T11:00:00Z"
  })
  void findsTheMoment(String zone, LocalDateTime local, Instant moment) {
    assertThat(WallClock.at(local, ZoneId.of(zone))).isEqualTo(moment);
  }

  @Test
  void takesTheSecondOfTwoWhenTheFirstIsOver() {
    ZoneId newYork = ZoneId.of("America/New_York");
    LocalDateTime twice = LocalDateTime.parse("2026-11-01T01:30");
    assertThat(WallClock.after(Instant.parse("2026-11-01T06:15:00Z"), twice, newYork))
        .isEqualTo(Instant.parse("2026-11-01T06:30:00Z"));
  }

  @Test
  void knowsZonesByTheirNamesAndNotOffsets() {
    assertThat(WallClock.zone("America/Sao_Paulo")).contains(ZoneId.of("America/Sao_Paulo"));
    assertThat(WallClock.zone("UTC")).isPresent();
    assertThat(WallClock.zone("+01:00")).isEmpty();
    assertThat(WallClock.zone("Mars/Olympus")).isEmpty();
    assertThat(WallClock.zone("")).isEmpty();
  }
}
