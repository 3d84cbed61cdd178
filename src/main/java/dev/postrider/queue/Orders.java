package dev.postrider.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets jobs of one order key and one priority run one after another on this node, in the order in
 * which they came. What is given back unstarted takes all behind it along: they would overtake it.
 */
final class Orders {
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

  /** Whether the task may go; otherwise it is kept until those before it have ended. */
  boolean mayGo(Waiting.Task task) {
    if (task.job().orderKey() == 0) {
      return true;
    }
    Line line = lines.get(Key.of(task.job()));
    if (line == null) {
      lines.put(Key.of(task.job()), new Line());
      return true;
    }
    line.behind.add(task);
    return false;
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
    List<Waiting.Task> along = List.copyOf(line.behind);
    line.behind.clear();
    along.forEach(task -> line.goingBack.add(task.job().token()));
    return along;
  }

  /** Whether this job must go back, because one before it did. */
  boolean mustGoBack(Job job) {
    Line line = job.orderKey() == 0 ? null : lines.get(Key.of(job));
    return line != null && line.goingBack.contains(job.token());
  }

  /**
   * The finish of this job is durable: whoever asks knows what became of it. Returns the one behind
   * it, which may go now.
   */
  Waiting.@Nullable Task done(Job job) {
    Line line = job.orderKey() == 0 ? null : lines.get(Key.of(job));
    if (line == null || (line.goingBack.remove(job.token()) && !line.goingBack.isEmpty())) {
      return null;
    }
    Waiting.Task next = line.behind.poll();
    if (next == null) {
      lines.remove(Key.of(job));
    }
    return next;
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
