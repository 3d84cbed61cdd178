package dev.postrider.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /** One job on its way and those behind it. */
  private static final class Line {
    final Deque<Waiting.Task> behind = new ArrayDeque<>(0);

    /** Whether whoever comes next must go back, too. */
    boolean returning;
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

  /** The run of this job is ending, and it goes back unstarted. */
  void givenBack(Job job) {
    Line line = lines.get(Key.of(job));
    if (line != null) {
      line.returning = true;
    }
  }

  /** Whether one before this job was given back: it must go back, too. */
  boolean isBehindGivenBack(Job job) {
    Line line = lines.get(Key.of(job));
    return line != null && line.returning;
  }

  /**
   * The finish of this job is durable: whoever asks knows what became of it. Returns the one behind
   * it, which may go now.
   */
  Waiting.@Nullable Task done(Job job) {
    if (job.orderKey() == 0) {
      return null;
    }
    Line line = lines.get(Key.of(job));
    Waiting.Task next = line == null ? null : line.behind.poll();
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
