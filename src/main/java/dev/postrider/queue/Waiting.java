package dev.postrider.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What waits in memory for its turn in a lane: the most urgent first, and in every eighth turn the
 * one that has waited longest, so that the least urgent moves too, however much comes before it.
 */
final class Waiting {
  /** One claimed job that can run. */
  record Task(Job job, Runnable run) {}

  private record Place(long number, Task task) {}

  private final Map<Priority, Deque<Place>> classes = new EnumMap<>(Priority.class);
  private long numbers;
  private int turns;
  private int size;

  void add(Task task) {
    classes
        .computeIfAbsent(task.job().priority(), _ -> new ArrayDeque<>())
        .add(new Place(numbers++, task));
    size++;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Takes the next one; there must be one. */
  Task next() {
    return take(JobQueue.isOldestsTurn(turns++));
  }

  /** Takes the one that has waited longest; there must be one. */
  Task takeOldest() {
    return take(true);
  }

  private Task take(boolean oldest) {
    Deque<Place> from = null;
    long first = Long.MAX_VALUE;
    for (Deque<Place> of : classes.values()) {
      Place head = of.peek();
      if (head != null && (from == null || (oldest && head.number() < first))) {
        from = of;
        first = head.number();
      }
    }
    if (from == null) {
      throw new IllegalStateException("nothing waits");
    }
    size--;
    return from.remove().task();
  }

  /** The one that has waited longest; null when there is none. */
  @Nullable Task oldest() {
    return classes.values().stream()
        .map(Deque::peek)
        .filter(Objects::nonNull)
        .min(Comparator.comparingLong(Place::number))
        .map(Place::task)
        .orElse(null);
  }

  /** Takes all that waits. */
  List<Task> clear() {
    List<Task> all = new ArrayList<>();
    for (Deque<Place> of : classes.values()) {
      of.forEach(place -> all.add(place.task()));
      of.clear();
    }
    size = 0;
    return all;
  }
}
