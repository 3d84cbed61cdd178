package dev.postrider.event;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.time.Duration;

/** Deletes events that are older than they are kept. */
@Wired
public class ForgetEvents implements Loop {
  private static final int CHUNK = 1000;

  private final EventStore store;
  private final EventSettings settings;

  public ForgetEvents(EventStore store, EventSettings settings) {
    this.store = store;
    this.settings = settings;
  }

  @Override
  public Duration every() {
    return Duration.ofMinutes(1);
  }

  @Override
  public int runOnce() {
    int deleted = store.deleteOlder(settings.keep(), CHUNK);
    return deleted == CHUNK ? 1 : 0;
  }
}
