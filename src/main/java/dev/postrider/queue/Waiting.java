package dev.postrider.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * What waits in memory for its turn in a lane: the most urgent first, and in every eighth turn the
 * one that has waited longest, so that the least urgent moves too, however much comes before it.
 */
final class Waiting {
  /** One claimed job that can run. */
  record Task(Job job, Runnable run) {}

  private record Place(long number, Task task) {}

  private final List<Deque<Place>> classes =
      Stream.generate(ArrayDeque<Place>::new)
          .limit(Priority.values().length)
          .<Deque<Place>>map(it -> it)
          .toList();
  private long numbers;
  private int turns;

  void add(Task task) {
    classes.get(task.job().priority().stored()).add(new Place(numbers++, task));
  }

  boolean isEmpty() {
    return classes.stream().allMatch(Deque::isEmpty);
  }

  /** Takes the next one; there must be one. */
  Task next() {
    Stream<Deque<Place>> some = classes.stream().filter(it -> !it.isEmpty());
    Deque<Place> from =
        JobQueue.isOldestsTurn(turns++)
            ? some.min(Comparator.comparingLong(it -> it.element().number())).orElseThrow()
            : some.findFirst().orElseThrow();
    return from.remove().task();
  }

  /** Takes all that waits. */
  List<Task> clear() {
    List<Task> all = new ArrayList<>();
    for (Deque<Place> of : classes) {
      of.forEach(place -> all.add(place.task()));
      of.clear();
    }
    return all;
  }
}
