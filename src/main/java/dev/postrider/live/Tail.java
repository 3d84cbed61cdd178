package dev.postrider.live;

import dev.postrider.event.Event;
import dev.postrider.event.EventView;
import dev.postrider.platform.Json;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The end of an application's log, as it is sent, so that a thousand connections do not read and
 * write it a thousand times.
 */
final class Tail {
  /** An event, and its JSON. */
  record Frame(Event event, String json) {
    static Frame of(Event event) {
      return new Frame(event, Json.write(EventView.of(event)));
    }
  }

  private final Deque<Frame> frames = new ArrayDeque<>();

  /** The last event that was read into it, or was there when it began. */
  private long readUpTo;

  Tail(long newest) {
    this.readUpTo = newest;
  }

  /** The next events after {@link #readUpTo}. */
  synchronized void add(List<Event> events) {
    for (Event event : events) {
      frames.add(Frame.of(event));
      readUpTo = event.seq();
    }
  }

  /** Lets go of all but the latest: whoever is further behind reads the log. */
  synchronized void keep(int most) {
    while (frames.size() > most) {
      frames.remove();
    }
  }

  synchronized long readUpTo() {
    return readUpTo;
  }

  /**
   * Those after a number, as many as somebody may keep who takes them slowly; null when the tail
   * begins later, so that they must be read.
   */
  synchronized @Nullable List<Frame> after(long seq, int most) {
    boolean complete =
        frames.isEmpty() ? seq >= readUpTo : frames.getFirst().event().seq() <= seq + 1;
    return complete
        ? frames.stream().filter(frame -> frame.event().seq() > seq).limit(most).toList()
        : null;
  }
}
