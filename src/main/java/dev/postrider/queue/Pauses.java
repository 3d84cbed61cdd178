package dev.postrider.queue;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Lanes that are held back on this node, and how they come back: one run at a time is let through
 * until one succeeds, and then twice as many with each, until there is no limit left.
 *
 * <p>Guarded by the lock of its dispatcher, but for {@link #isComingBack}.
 */
final class Pauses {
  /** A lane of which nothing was heard for so long after a pause may be gone. */
  private static final Duration KEPT = Duration.ofMinutes(30);

  /**
   * A lane on its way back from a pause.
   *
   * @param allowed how many of it may run at once
   * @param kept for how long that is known, if nothing is heard of it
   */
  private record Ramp(int allowed, Duration kept) {}

  /** As many as may run of a lane that is not on its way back. */
  private final int most;

  /** By the monotonic clock. */
  private final Map<Long, Long> until = new HashMap<>();

  private final Map<Long, Ramp> ramps =
      Caffeine.newBuilder()
          .expireAfter(Expiry.<Long, Ramp>writing((_, ramp) -> ramp.kept()))
          .<Long, Ramp>build()
          .asMap();

  Pauses(int most) {
    this.most = most;
  }

  /** A pause that is longer already stays as it is. */
  void begin(long lane, Duration wait) {
    long now = System.nanoTime();
    long ends = until.merge(lane, now + wait.toNanos(), Math::max);
    ramps.put(lane, new Ramp(1, KEPT.plusNanos(ends - now)));
  }

  /** Ends one before its time; false when there was none. */
  boolean end(long lane) {
    return until.remove(lane) != null;
  }

  boolean isPaused(long lane) {
    return !left(lane).isZero();
  }

  /** For how long; zero when it is not. */
  Duration left(long lane) {
    Long ends = until.get(lane);
    if (ends == null) {
      return Duration.ZERO;
    }
    long left = ends - System.nanoTime();
    if (left <= 0) {
      until.remove(lane);
      return Duration.ZERO;
    }
    return Duration.ofNanos(left);
  }

  Set<Long> paused() {
    Set<Long> paused = new HashSet<>(until.keySet());
    paused.removeIf(lane -> !isPaused(lane));
    return paused;
  }

  /** Whether it is held back, or nobody knows yet whether its provider takes everything again. */
  boolean isComingBack(long lane) {
    return !ramps.isEmpty() && ramps.containsKey(lane);
  }

  /** How many of a lane may run at once after its pause, of those that are coming back. */
  Map<Long, Integer> allowed() {
    Map<Long, Integer> allowed = HashMap.newHashMap(ramps.size());
    ramps.forEach((lane, ramp) -> allowed.put(lane, ramp.allowed()));
    return allowed;
  }

  /** How many of it may run at once after its pause; as many as of any when it is back. */
  int allowed(long lane) {
    Ramp ramp = ramps.get(lane);
    return ramp == null ? most : ramp.allowed();
  }

  /**
   * A run got through.
   *
   * @param isLast whether the lane is back when as many may run as of any: while some from before
   *     the pause hang, only that keeps them from being counted
   */
  void gotThrough(long lane, boolean isLast) {
    ramps.computeIfPresent(
        lane,
        (_, ramp) ->
            isLast && ramp.allowed() * 2 >= most
                ? null
                : new Ramp(Math.min(ramp.allowed() * 2, most), KEPT));
  }
}
