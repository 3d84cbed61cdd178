package dev.postrider.message;

import dev.postrider.platform.Remembered;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Which campaigns are paused, remembered for a second. */
@Wired
public class CampaignPauses {
  private static final Duration REMEMBERED = Duration.ofSeconds(1);

  private final Remembered<CampaignId, Optional<Instant>> paused;

  public CampaignPauses(CampaignStore store) {
    this.paused = new Remembered<>(REMEMBERED, 10_000, store::pausedAt);
  }

  /** Since when the message's campaign is paused. */
  public Optional<Instant> since(Message message) {
    String name = message.campaignId();
    return name == null ? Optional.empty() : paused.get(new CampaignId(message.app(), name));
  }

  void forget(CampaignId id) {
    paused.forget(id);
  }
}
