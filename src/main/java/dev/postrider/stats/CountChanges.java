package dev.postrider.stats;

import dev.postrider.message.StatusChange;
import dev.postrider.message.StatusListener;
import dev.postrider.platform.Wired;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts changes of status in the transaction that makes them. */
@Wired
class CountChanges implements StatusListener {
  private final StatsStore store;

  CountChanges(StatsStore store) {
    this.store = store;
  }

  @Override
  public void changed(List<StatusChange> changes) {
    Map<StatsStore.Key, Long> counts = new HashMap<>();
    for (StatusChange change : changes) {
      if (change.isTold()) {
        Instant hour = change.at().truncatedTo(ChronoUnit.HOURS);
        StatsStore.Key key =
            new StatsStore.Key(
                change.app().value(),
                hour,
                change.sender().value(),
                change.from() == null ? "accepted" : change.to().word(),
                LatencyBucket.of(change.latency()));
        counts.merge(key, 1L, Long::sum);
      }
    }
    if (!counts.isEmpty()) {
      store.add(counts);
    }
  }
}
