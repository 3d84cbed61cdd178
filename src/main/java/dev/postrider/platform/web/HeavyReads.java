package dev.postrider.platform.web;

import dev.postrider.platform.Overloaded;
import dev.postrider.platform.SharedRoom;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Lets only so many searches and reports run at once: whoever asks the big tables for much must not
 * take all connections that requests have, nor one application all that others may use of them.
 */
@Wired
public class HeavyReads {
  private static final int PLACES = 4;
  private static final int PLACES_OF_ONE = 2;

  private final SharedRoom room = new SharedRoom(PLACES, PLACES_OF_ONE, Duration.ofMillis(500));

  /**
   * Runs a read when there is room for it; {@link Overloaded} when there is none in time.
   *
   * @param app whose it is
   */
  public <T> T run(long app, Supplier<T> read) {
    return room.with(
        app,
        1,
        read,
        () -> {
          throw new Overloaded("reads");
        });
  }
}
