package dev.postrider.queue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
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

  /** One job on its way, or several that go back together; and those behind. */
  private static final class Line {
    final Deque<Waiting.Task> behind = new ArrayDeque<>(0);

    /** The tokens of those that go back. */
    final Set<Long> goingBack = new HashSet<>(0);
  }

  private final Map<Key, Line> lines = new HashMap<>();

  /**
   * When the last that went back was back, by this node's monotonic clock; for longer than any
   * claim's transaction takes.
   */
  private final Cache<Key, Long> backAt =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofMinutes(1)).build();

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
    Line line = line(job);
    if (line == null || !line.goingBack.add(job.token())) {
      return List.of();
    }
    List<Waiting.Task> along = List.copyOf(line.behind);
    line.behind.clear();
    along.forEach(task -> line.goingBack.add(task.job().token()));
    return along;
  }

  /**
   * Whether this job must go back: because one before it does, or because its claim began before
   * one before it was back, and saw it on this node still.
   */
  boolean mustGoBack(Job job) {
    Line line = line(job);
    if (line == null) {
      return false;
    }
    Long back = backAt.getIfPresent(Key.of(job));
    return line.goingBack.contains(job.token()) || (back != null && job.claimedNanos() - back < 0);
  }

  /**
   * The finish of this job is durable: whoever asks knows what became of it. Returns the one behind
   * it, whose turn it is now; none, as long as others are still on their way back.
   */
  List<Waiting.Task> done(Job job) {
    Line line = line(job);
    if (line == null) {
      return List.of();
    }
    if (line.goingBack.remove(job.token())) {
      backAt.put(Key.of(job), System.nanoTime());
    }
    if (!line.goingBack.isEmpty()) {
      return List.of();
    }
    if (line.behind.isEmpty()) {
      lines.remove(Key.of(job));
      return List.of();
    }
    return List.of(line.behind.remove());
  }

  private @Nullable Line line(Job job) {
    return job.orderKey() == 0 ? null : lines.get(Key.of(job));
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
