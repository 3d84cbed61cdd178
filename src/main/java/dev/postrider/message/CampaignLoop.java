package dev.postrider.message;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.List;

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
    List<CampaignId> waking = store.waking();
    waking.forEach(campaigns::wake);
    return 0;
  }
}
