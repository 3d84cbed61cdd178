package dev.postrider.delivery;

import java.time.Duration;
import java.util.Optional;

/** What to do after an attempt. */
public sealed interface Decision {
  /** The provider took it. */
  record HandOff(String providerMessageId) implements Decision {}

  /**
   * Try again.
   *
   * @param counts whether this attempt counts against the limit
   * @param ambiguous whether it may have arrived
   * @param pause how long the whole sender rests
   */
  record Retry(
      Duration after,
      boolean counts,
      boolean ambiguous,
      Optional<Duration> pause,
      String code,
      String detail)
      implements Decision {}

  /** Wait for a receipt or a look-up: it may have arrived, and it must not be repeated. */
  record Park(String code, String detail) implements Decision {}

  /** It will not get through. */
  record GiveUp(String code, String detail) implements Decision {}
}
