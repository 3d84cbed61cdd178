package dev.postrider.message;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.time.Duration;

/** Finishes the waking of campaigns whose node died while it resumed them. */
@Wired
public class CampaignLoop implements Loop {
  private final CampaignStore store;
  private final Campaigns campaigns;

  public CampaignLoop(CampaignStore store, Campaigns campaigns) {
    this.store = store;
    this.campaigns = campaigns;
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(30);
  }

  @Override
  public int runOnce() {
    RuntimeException last = null;
    for (CampaignId id : store.waking()) {
      try {
        campaigns.wake(id);
      } catch (RuntimeException e) {
        // The others are not to wait for this one.
        last = e;
      }
    }
    if (last != null) {
      throw last;
    }
    return 0;
  }
}
