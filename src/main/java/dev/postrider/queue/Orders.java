package dev.postrider.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Lets jobs of one order key and one priority run one after another on this node, in the order in
 * which they came. What is given back unstarted takes all behind it along: they would overtake it.
 */
final class Orders {
  private static final int MOST_REMEMBERED = 10_000;

  /** No claim's transaction takes longer. */
  private static final long REMEMBERED_NANOS = TimeUnit.MINUTES.toNanos(1);

  private record Key(String kind, long order, Priority priority) {
    static Key of(Job job) {
      return new Key(job.kind(), job.orderKey(), job.priority());
    }
  }

  /** One job on its way and those behind it; or several that go back, and who came meanwhile. */
  private static final class Line {
    final Deque<Waiting.Task> behind = new ArrayDeque<>(0);

    /** The tokens of those that go back. */
    final Set<Long> goingBack = new HashSet<>(0);
  }

  private final Map<Key, Line> lines = new HashMap<>();

  /** When the last that went back was back, by this node's monotonic clock. */
  private final Map<Key, Long> backAt = new HashMap<>();

  /** Whether the task may go; otherwise it is kept until those before it have ended. */
  boolean mayGo(Waiting.Task task) {
    if (task.job().orderKey() == 0) {
      return true;
    }
    Key key = Key.of(task.job());
    Line line = lines.get(key);
    boolean first = line == null;
    if (line == null) {
      line = new Line();
      lines.put(key, line);
    } else {
      line.behind.add(task);
    }
    Long back = backAt.get(key);
    if (back != null && task.job().claimedNanos() - back < 0) {
      // Its claim saw the one before it on this node still: it must not overtake it.
      line.goingBack.add(task.job().token());
    }
    return first;
  }

  /**
   * This job goes back unstarted; returns those behind it, which go back with it, all at once: one
   * by one, the first would be claimed again before the last is back, and wait behind it.
   */
  List<Waiting.Task> givenBack(Job job) {
    Line line = job.orderKey() == 0 ? null : lines.get(Key.of(job));
    if (line == null || !line.goingBack.add(job.token())) {
      return List.of();
    }
    return allBack(line);
  }

  /** Whether this job must go back, because one before it did. */
  boolean mustGoBack(Job job) {
    Line line = job.orderKey() == 0 ? null : lines.get(Key.of(job));
    return line != null && line.goingBack.contains(job.token());
  }

  /**
   * The finish of this job is durable: whoever asks knows what became of it. Returns who gets its
   * turn now: the next one; or, when the last of those that went back is back, all that came
   * meanwhile. They go back, too: they came when those before them seemed to be on this node.
   */
  List<Waiting.Task> done(Job job) {
    Line line = job.orderKey() == 0 ? null : lines.get(Key.of(job));
    if (line == null) {
      return List.of();
    }
    boolean wentBack = line.goingBack.remove(job.token());
    if (wentBack) {
      remember(Key.of(job));
    }
    if (wentBack && !line.goingBack.isEmpty()) {
      return List.of();
    }
    if (line.behind.isEmpty()) {
      lines.remove(Key.of(job));
      return List.of();
    }
    return wentBack ? allBack(line) : List.of(line.behind.remove());
  }

  private void remember(Key key) {
    long now = System.nanoTime();
    backAt.put(key, now);
    if (backAt.size() > MOST_REMEMBERED) {
      backAt.values().removeIf(at -> now - at > REMEMBERED_NANOS);
    }
  }

  private static List<Waiting.Task> allBack(Line line) {
    List<Waiting.Task> all = List.copyOf(line.behind);
    line.behind.clear();
    all.forEach(task -> line.goingBack.add(task.job().token()));
    return all;
  }

  /** Takes all that is kept. */
  List<Waiting.Task> clear() {
    List<Waiting.Task> kept = new ArrayList<>();
    lines
        .values()
        .forEach(line -> {
          kept.addAll(line.behind);
          line.behind.clear();
        });
    return kept;
  }
}
