package dev.postrider.platform;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.Optional;
import java.util.Set;

/** What a clock on a wall shows, turned into moments, on the days when clocks are changed too. */
public final class WallClock {
  private static final Set<String> ZONES = ZoneId.getAvailableZoneIds();

  private WallClock() {}

  /**
   * The moment a clock of this zone shows this time: the first moment after the gap where the zone
   * skips it, the earlier of the two where the zone has it twice.
   */
  public static Instant at(LocalDateTime local, ZoneId zone) {
    ZoneOffsetTransition transition = zone.getRules().getTransition(local);
    return transition != null && transition.isGap()
        ? transition.getInstant()
        : local.atZone(zone).toInstant();
  }

  /** Like {@link #at}, but after a given moment where the zone has the time twice. */
  public static Instant after(Instant moment, LocalDateTime local, ZoneId zone) {
    Instant earlier = at(local, zone);
    return earlier.isAfter(moment)
        ? earlier
        : local.atZone(zone).withLaterOffsetAtOverlap().toInstant();
  }

  /** A zone by its IANA name, such as {@code America/Sao_Paulo}; empty where there is none. */
  public static Optional<ZoneId> zone(String name) {
    return ZONES.contains(name) ? Optional.of(ZoneId.of(name)) : Optional.empty();
  }
}
