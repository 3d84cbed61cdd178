package dev.postrider.delivery;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postrider.platform.Wired;
import java.time.Duration;

/**
 * How senders are doing, as this node saw it: how often in a row each was put off, and how often in
 * a row nothing of it got through.
 */
@Wired
class SenderHealth {
  /** So many calls in a row without one clear answer: the provider is down, whatever it says. */
  private static final int OUTAGE = 10;

  private final Cache<Long, Integer> deferrals = counters();
  private final Cache<Long, Integer> unclear = counters();

  private static Cache<Long, Integer> counters() {
    return Caffeine.newBuilder().maximumSize(100_000).expireAfterWrite(Duration.ofHours(1)).build();
  }

  int deferred(long sender) {
    return deferrals.asMap().merge(sender, 1, Integer::sum);
  }

  int inARow(long sender) {
    Integer seen = deferrals.getIfPresent(sender);
    return seen == null ? 1 : seen;
  }

  /** A call ended without a clear answer; returns whether that makes it an outage. */
  boolean unclear(long sender) {
    return unclear.asMap().merge(sender, 1, Integer::sum) >= OUTAGE;
  }

  /** The provider answered clearly, if only to reject: it is there. */
  void answered(long sender) {
    forget(unclear, sender);
  }

  void gotThrough(long sender) {
    forget(unclear, sender);
    forget(deferrals, sender);
  }

  private static void forget(Cache<Long, Integer> counter, long sender) {
    if (counter.getIfPresent(sender) != null) {
      counter.invalidate(sender);
    }
  }
}
