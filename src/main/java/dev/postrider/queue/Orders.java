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
 * which they came.
 */
final class Orders {
  private record Key(long order, Priority priority) {
    static Key of(Job job) {
      return new Key(job.orderKey(), job.priority());
    }
  }

  /** By what is on its way; behind each, what waits for its end. */
  private final Map<Key, Deque<Waiting.Task>> onTheWay = new HashMap<>();

  /** Whether the task may go; otherwise it is kept until those before it have ended. */
  boolean mayGo(Waiting.Task task) {
    if (task.job().orderKey() == 0) {
      return true;
    }
    Deque<Waiting.Task> behind = onTheWay.get(Key.of(task.job()));
    if (behind == null) {
      onTheWay.put(Key.of(task.job()), new ArrayDeque<>(0));
      return true;
    }
    behind.add(task);
    return false;
  }

  /** The run of this job has ended; returns the one behind it, which may go now. */
  Waiting.@Nullable Task ended(Job job) {
    if (job.orderKey() == 0) {
      return null;
    }
    Deque<Waiting.Task> behind = onTheWay.get(Key.of(job));
    Waiting.Task next = behind == null ? null : behind.poll();
    if (next == null) {
      onTheWay.remove(Key.of(job));
    }
    return next;
  }

  /** Takes all that is kept. */
  List<Waiting.Task> clear() {
    List<Waiting.Task> kept = new ArrayList<>();
    onTheWay
        .values()
        .forEach(behind -> {
          kept.addAll(behind);
          behind.clear();
        });
    return kept;
  }
}
