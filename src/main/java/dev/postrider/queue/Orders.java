package dev.postrider.queue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lets jobs of one order key and one priority run one after another on this node, in the order in
 * which they came. What is given back unstarted takes all behind it along: they would overtake it.
 *
 * <p>A job stands in its line from before the commit that makes it this node's. Afterwards others
 * see it as ours and may be claimed behind it; were it only known once it is handed over, they
 * could be faster.
 */
final class Orders {
  private record Key(String kind, long order, Priority priority) {
    static Key of(Job job) {
      return new Key(job.kind(), job.orderKey(), job.priority());
    }

    static Key of(HandOver.Expected job) {
      return new Key(job.kind(), job.orderKey(), job.priority());
    }
  }

  /** Those on their way, by their tokens, and those behind. */
  private static final class Line {
    /** In the order in which they came; null for those that are not handed over yet. */
    final Map<Long, Waiting.@Nullable Task> behind = new LinkedHashMap<>();

    /** One that was let go; or several, when they go back together. */
    final Set<Long> under = new HashSet<>(2);

    /** Those of them that go back. */
    final Set<Long> goingBack = new HashSet<>(0);

    /** The first one, when it is there and nobody is on the way; null otherwise. */
    Waiting.@Nullable Task next() {
      if (!under.isEmpty() || behind.isEmpty()) {
        return null;
      }
      Map.Entry<Long, Waiting.@Nullable Task> first = behind.entrySet().iterator().next();
      Waiting.Task task = first.getValue();
      if (task != null) {
        behind.remove(first.getKey());
        under.add(first.getKey());
      }
      return task;
    }
  }

  private final Map<Key, Line> lines = new HashMap<>();

  /**
   * When the last that went back was back, by this node's monotonic clock; for longer than any
   * claim's transaction takes.
   */
  private final Cache<Key, Long> backAt =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofMinutes(1)).build();

  /** This job is about to become this node's: it stands in line before all that come later. */
  void expect(HandOver.Expected job) {
    if (job.orderKey() != 0) {
      lines.computeIfAbsent(Key.of(job), _ -> new Line()).behind.put(job.token(), null);
    }
  }

  /** It did not become ours; returns the one behind it, if it is its turn now. */
  List<Waiting.Task> unexpect(HandOver.Expected job) {
    Key key = Key.of(job);
    Line line = lines.get(key);
    if (line == null || line.behind.get(job.token()) != null) {
      return List.of();
    }
    line.behind.remove(job.token());
    return next(key, line);
  }

  /** Whether the task may go; otherwise it is kept until those before it have ended. */
  boolean mayGo(Waiting.Task task) {
    if (task.job().orderKey() == 0) {
      return true;
    }
    Line line = lines.computeIfAbsent(Key.of(task.job()), _ -> new Line());
    line.behind.put(task.job().token(), task);
    // Whoever is first and there was let go before: it can only be this one.
    return line.next() != null;
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
    return takeAlong(line);
  }

  /** All that are there go back together. */
  private static List<Waiting.Task> takeAlong(Line line) {
    List<Waiting.Task> along = handedOver(line);
    along.forEach(task -> {
      line.behind.remove(task.job().token());
      line.under.add(task.job().token());
      line.goingBack.add(task.job().token());
    });
    return along;
  }

  /** Sends back the lines in which one waits for which that holds; returns what goes back. */
  List<Waiting.Task> sendBack(Predicate<Waiting.Task> tooLate) {
    return lines.values().stream()
        .filter(line -> handedOver(line).stream().anyMatch(tooLate))
        .flatMap(line -> takeAlong(line).stream())
        .toList();
  }

  private static List<Waiting.Task> handedOver(Line line) {
    List<Waiting.Task> tasks = new ArrayList<>();
    for (Waiting.@Nullable Task task : line.behind.values()) {
      if (task != null) {
        tasks.add(task);
      }
    }
    return tasks;
  }

  /**
   * Whether this job must go back: because one before it does, or because its claim began before
   * one before it was back, and saw it on this node still.
   */
  boolean mustGoBack(Job job) {
    if (job.orderKey() == 0) {
      return false;
    }
    Key key = Key.of(job);
    Line line = lines.get(key);
    if (line == null) {
      return false;
    }
    Long back = backAt.getIfPresent(key);
    return line.goingBack.contains(job.token()) || (back != null && job.claimedNanos() - back < 0);
  }

  /**
   * The finish of this job is durable: whoever asks knows what became of it. Returns the one behind
   * it, whose turn it is now; none, as long as others are still on their way back.
   */
  List<Waiting.Task> done(Job job) {
    if (job.orderKey() == 0) {
      return List.of();
    }
    Key key = Key.of(job);
    Line line = lines.get(key);
    if (line == null) {
      return List.of();
    }
    line.under.remove(job.token());
    if (line.goingBack.remove(job.token())) {
      backAt.put(key, System.nanoTime());
    }
    return next(key, line);
  }

  private List<Waiting.Task> next(Key key, Line line) {
    if (line.under.isEmpty() && line.behind.isEmpty()) {
      lines.remove(key);
      return List.of();
    }
    Waiting.Task next = line.next();
    return next == null ? List.of() : List.of(next);
  }

  /** Takes all that is kept. */
  List<Waiting.Task> clear() {
    List<Waiting.Task> kept = new ArrayList<>();
    lines
        .values()
        .forEach(line -> {
          kept.addAll(handedOver(line));
          line.behind.clear();
        });
    return kept;
  }
}
