package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.platform.SharedRoom;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How much of what people wrote a node has in memory at once, after their requests are over: what
 * is sent, and what is sent again. A request to a provider takes several times as much as its
 * content.
 */
@Wired
public class ContentRoom {
  private static final int MOST_BYTES = 8 * 1024 * 1024;

  /** Of one application. */
  public static final int MOST_OF_ONE = MOST_BYTES / 2;

  private final SharedRoom room = new SharedRoom(MOST_BYTES, MOST_OF_ONE, Duration.ofSeconds(2));

  /**
   * Does something that has so many bytes in memory meanwhile. What is small needs no room.
   *
   * @param full what is done instead where there is no room in time
   */
  public <T extends @Nullable Object> T with(
      AppId app, int bytes, Supplier<T> work, Supplier<T> full) {
    return bytes <= Outgoing.KEPT ? work.get() : room.with(app.value(), bytes, work, full);
  }
}
