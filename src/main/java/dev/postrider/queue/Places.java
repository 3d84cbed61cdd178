package dev.postrider.queue;

import dev.postrider.platform.FairRoom;
import java.util.HashMap;
import java.util.Map;

/**
 * The places to run on this node, and whose runs have them. A lane counts on its part of them, and
 * an application on what leaves some to the others, whatever falls silent.
 *
 * <p>Guarded by the lock of its dispatcher.
 */
final class Places {
  private final int all;
  private int taken;

  /** By application, of those that have any. */
  private final Map<Long, Integer> takenBy = new HashMap<>();

  /** Those of runs that take long, or may. */
  private final FairRoom slow;

  /** Lanes of which something runs or waits for a place to run. */
  private int lanesAtWork;

  /** One that a run has. */
  record Place(long app, boolean slow) {}

  Places(int all) {
    this.all = all;
    this.slow = new FairRoom(all);
  }

  int taken() {
    return taken;
  }

  boolean isFull() {
    return taken >= all;
  }

  void laneBegins() {
    lanesAtWork++;
  }

  void laneEnds() {
    lanesAtWork--;
  }

  /**
   * Whether an application may have one more. Any of it may fall silent: of the last places each
   * has one at most, so that nobody has them all for as long as calls may take.
   */
  boolean mayHaveOne(long app) {
    return taken < all - eighth() || !takenBy.containsKey(app);
  }

  /** What nobody may have alone, where it may be kept for long. */
  int eighth() {
    return all / 8;
  }

  /**
   * How many more runs that take long, or of which nobody knows yet how long, an application may
   * have: no more than three times what all such runs leave. Another one's place would not be free
   * for as long as those take.
   */
  int slowLeft(long app) {
    return slow.left(app);
  }

  /**
   * Takes one; whether it is one of the slow ones depends on there being any, for what must run
   * runs.
   */
  Place take(long app, boolean takesLong) {
    taken++;
    takenBy.merge(app, 1, Integer::sum);
    return new Place(app, takesLong && slow.take(app, 1));
  }

  void give(Place place) {
    taken--;
    takenBy.computeIfPresent(place.app(), (_, of) -> of == 1 ? null : of - 1);
    if (place.slow()) {
      slow.give(place.app(), 1);
    }
  }

  /**
   * What each lane at work gets; or, if that is more, those that nobody else uses.
   *
   * @param limit how many it may have at most
   * @param itsOwn how many it has
   */
  int part(int limit, int itsOwn) {
    int part = Math.ceilDiv(all, Math.max(1, lanesAtWork));
    return Math.min(limit, Math.max(part, itsOwn + all - taken));
  }
}
