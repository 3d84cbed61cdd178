package dev.postrider.queue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Turns: applications first, and the lanes of each among themselves. */
final class Turns<L> {
  private final Map<Long, Deque<L>> lanes = new HashMap<>();
  private final Deque<Long> apps = new ArrayDeque<>();

  void add(long app, L lane) {
    Deque<L> its = lanes.get(app);
    if (its == null) {
      its = new ArrayDeque<>();
      lanes.put(app, its);
      apps.add(app);
    }
    its.add(lane);
  }

  /** Before all others, of its application and of other ones. */
  void addNext(long app, L lane) {
    apps.remove(app);
    apps.addFirst(app);
    lanes.computeIfAbsent(app, _ -> new ArrayDeque<>()).addFirst(lane);
  }

  /**
   * The lane whose turn it is, of those that may have one now; null when there is none.
   *
   * @param mayApp whether an application may have one at all: asked before its lanes
   */
  @Nullable L next(LongPredicate mayApp, Predicate<L> mayHave) {
    for (Iterator<Long> turn = apps.iterator(); turn.hasNext(); ) {
      long app = turn.next();
      if (!mayApp.test(app)) {
        continue;
      }
      Deque<L> its = lanes.get(app);
      if (its == null) {
        throw new IllegalStateException("an application has its turn without a lane");
      }
      L lane = its.stream().filter(mayHave).findFirst().orElse(null);
      if (lane != null) {
        turn.remove();
        its.remove(lane);
        if (its.isEmpty()) {
          lanes.remove(app);
        } else {
          apps.add(app);
        }
        return lane;
      }
    }
    return null;
  }

  void clear() {
    lanes.clear();
    apps.clear();
  }
}
