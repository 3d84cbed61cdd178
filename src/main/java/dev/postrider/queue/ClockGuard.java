package dev.postrider.queue;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Notices when the database's clock jumps ahead of our own: it was set, its host stood still, or
 * another server took over. All leases seem to have run out then, and what runs under them would be
 * done twice: nothing may be taken back until they are over by our time, too.
 */
final class ClockGuard {
  /** Clocks that are kept by a time server differ by milliseconds. */
  private static final Duration JUMP = Duration.ofSeconds(5);

  private final Duration rest;
  private @Nullable Instant seen;
  private long seenNanos;
  private boolean resting;
  private long restUntil;

  /**
   * @param rest how long nothing is taken back after a jump: as long as a lease may hold
   */
  ClockGuard(Duration rest) {
    this.rest = rest;
  }

  /**
   * Notes what the database's clock says.
   *
   * @param asked {@link System#nanoTime} before it was asked
   * @param answered and when it had answered
   * @return how far it is ahead of where it should be at most; zero where it is as it should be
   */
  Duration note(Instant now, long asked, long answered) {
    Instant last = seen;
    // At most so much time has passed, however long either answer took.
    Duration ahead =
        last == null ? Duration.ZERO : Duration.between(last, now).minusNanos(answered - seenNanos);
    seen = now;
    seenNanos = asked;
    if (ahead.compareTo(JUMP) <= 0) {
      return Duration.ZERO;
    }
    resting = true;
    restUntil = answered + rest.toNanos();
    return ahead;
  }

  /** Whether a lease that has run out by the database's clock has run out. */
  boolean isTrusted(long nanos) {
    resting = resting && nanos - restUntil < 0;
    return !resting;
  }
}
