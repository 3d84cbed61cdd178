package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.platform.FairRoom;
import dev.postrider.platform.Wired;
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

  /** Of one content; what is larger counts as that. */
  private static final int MOST_OF_ONE = MOST_BYTES / 2;

  /** A call may last a minute: who has much under way leaves some to whoever comes next. */
  private final FairRoom room = new FairRoom(MOST_BYTES);

  /**
   * Does something that has so many bytes in memory meanwhile. What is small needs no room.
   *
   * @param full what is done instead where there is no room
   */
  public <T extends @Nullable Object> T with(
      AppId app, int bytes, Supplier<T> work, Supplier<T> full) {
    if (bytes <= Outgoing.KEPT) {
      return work.get();
    }
    int taken = Math.min(bytes, MOST_OF_ONE);
    if (!room.take(app, taken)) {
      return full.get();
    }
    try {
      return work.get();
    } finally {
      room.give(app, taken);
    }
  }
}
