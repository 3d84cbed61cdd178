package dev.postrider.webhook;

import dev.postrider.platform.ForgetLoop;
import dev.postrider.platform.Wired;

/** Deletes the log of deliveries where it is older than it is kept. */
@Wired
public class ForgetDeliveries extends ForgetLoop {
  private final DeliveryStore store;
  private final WebhookSettings settings;

  public ForgetDeliveries(DeliveryStore store, WebhookSettings settings) {
    this.store = store;
    this.settings = settings;
  }

  @Override
  protected int forget(int most) {
    return store.forget(settings.keepDeliveries(), most);
  }
}
