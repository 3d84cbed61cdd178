package dev.postrider.delivery;

import dev.postrider.platform.ForgetLoop;
import dev.postrider.platform.Wired;

/** Drops receipts that nobody ever claims. */
@Wired
public class ForgetOrphans extends ForgetLoop {
  private final OrphanStore orphans;
  private final DeliverySettings settings;

  public ForgetOrphans(OrphanStore orphans, DeliverySettings settings) {
    this.orphans = orphans;
    this.settings = settings;
  }

  @Override
  protected int forget(int most) {
    return orphans.forget(settings.orphansFor(), most);
  }
}
