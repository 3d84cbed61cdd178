package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.platform.Loop;
import dev.postrider.platform.Text;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finishes the waking of campaigns whose node died while it resumed them, or had no room for it,
 * and resumes those of deleted applications: what waits for one is still sent, and nobody else
 * could.
 */
@Wired
public class CampaignLoop implements Loop {
  private static final Logger log = LoggerFactory.getLogger(CampaignLoop.class);
  private static final int PAGE = 500;
  private static final CampaignId NONE = new CampaignId(new AppId(0), "");

  private final CampaignStore store;
  private final Campaigns campaigns;
  private final Apps apps;

  /** The paused campaign that was looked at last. */
  private CampaignId last = NONE;

  public CampaignLoop(CampaignStore store, Campaigns campaigns, Apps apps) {
    this.store = store;
    this.campaigns = campaigns;
    this.apps = apps;
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(10);
  }

  @Override
  public int runOnce() {
    letGo();
    RuntimeException failure = null;
    for (CampaignId id : store.waking()) {
      try {
        campaigns.wake(id);
      } catch (RuntimeException e) {
        // The others are not to wait for this one.
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return 0;
  }

  private void letGo() {
    List<CampaignId> page =
        store.paused(last, PAGE).stream().map(CampaignStore.Paused::id).toList();
    last = page.size() == PAGE ? page.getLast() : NONE;
    Set<AppId> gone =
        apps.deletedAmong(page.stream().map(CampaignId::app).collect(Collectors.toSet()));
    for (CampaignId id : page) {
      if (gone.contains(id.app())) {
        store.resume(id);
        log.atInfo()
            .addKeyValue("app_id", id.app().value())
            .addKeyValue("campaign_id", Text.cleaned(id.name(), 128))
            .log("campaign.let_go");
      }
    }
  }
}
