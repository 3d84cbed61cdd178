package dev.postrider.delivery;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postrider.platform.Wired;
import java.time.Duration;

/** How many times in a row each sender was put off, as this node saw it. */
@Wired
class SenderHealth {
  private final Cache<Long, Integer> deferrals =
      Caffeine.newBuilder().maximumSize(100_000).expireAfterWrite(Duration.ofHours(1)).build();

  int deferred(long sender) {
    return deferrals.asMap().merge(sender, 1, Integer::sum);
  }

  int inARow(long sender) {
    Integer seen = deferrals.getIfPresent(sender);
    return seen == null ? 1 : seen;
  }

  void gotThrough(long sender) {
    if (deferrals.getIfPresent(sender) != null) {
      deferrals.invalidate(sender);
    }
  }
}
