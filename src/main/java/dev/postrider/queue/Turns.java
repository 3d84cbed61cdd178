package dev.postrider.queue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

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

  boolean isEmpty() {
    return apps.isEmpty();
  }

  /** The lane whose turn it is; there must be one. */
  L next() {
    long app = apps.remove();
    Deque<L> its = lanes.get(app);
    if (its == null) {
      throw new IllegalStateException("an application has its turn without a lane");
    }
    L lane = its.remove();
    if (its.isEmpty()) {
      lanes.remove(app);
    } else {
      apps.add(app);
    }
    return lane;
  }

  void clear() {
    lanes.clear();
    apps.clear();
  }
}
