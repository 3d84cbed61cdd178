package dev.postrider.webhook;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.time.Duration;

/** Deletes the log of deliveries where it is older than it is kept. */
@Wired
public class ForgetDeliveries implements Loop {
  private static final int CHUNK = 1000;

  private final NoticeStore store;
  private final WebhookSettings settings;

  public ForgetDeliveries(NoticeStore store, WebhookSettings settings) {
    this.store = store;
    this.settings = settings;
  }

  @Override
  public Duration every() {
    return Duration.ofMinutes(1);
  }

  @Override
  public int runOnce() {
    return store.deleteOlder(settings.keepDeliveries(), CHUNK) == CHUNK ? 1 : 0;
  }
}
