package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.platform.Envelope;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Body;
import dev.postrider.platform.web.HeavyReads;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Messages that carry one {@code campaign_id}: counted, paused and resumed together. */
@RestController
@RequestMapping("/api/campaigns/{appId}/{campaignId}")
@Tag(name = "Campaigns")
class CampaignController {
  private final ComposeMessage compose;
  private final Campaigns campaigns;
  private final CampaignStore store;
  private final HeavyReads reads;

  CampaignController(
      ComposeMessage compose, Campaigns campaigns, CampaignStore store, HeavyReads reads) {
    this.compose = compose;
    this.campaigns = campaigns;
    this.store = store;
    this.reads = reads;
  }

  /**
   * Where a campaign stands.
   *
   * @param pausedAt null while it is not paused
   * @param total how many messages there are; null where it could not be counted in time
   * @param messages the same by status; a status that none has is left out
   */
  record CampaignView(
      String campaignId,
      @Nullable Instant pausedAt,
      @Nullable Long total,
      @Nullable Map<String, Long> messages) {}

  @Access(Access.Who.APP)
  @GetMapping
  @Operation(
      summary = "Count a campaign's messages by status",
      description = "One that nobody has sent a message for has none.")
  Envelope<CampaignView> show(@PathVariable long appId, @PathVariable String campaignId) {
    return Envelope.of("Campaign", view(id(appId, campaignId)));
  }

  @Access(Access.Who.APP)
  @PostMapping("/pause")
  @Operation(
      summary = "Pause a campaign",
      description = "Its messages are accepted and wait; attempts under way end.")
  Envelope<CampaignView> pause(
      @PathVariable long appId, @PathVariable String campaignId, HttpServletRequest request) {
    Body.none(request);
    CampaignId id = id(appId, campaignId);
    campaigns.pause(id);
    return Envelope.of("Campaign paused", viewWithoutCountsIfBusy(id));
  }

  @Access(Access.Who.APP)
  @PostMapping("/resume")
  @Operation(summary = "Resume a paused campaign")
  Envelope<CampaignView> resume(
      @PathVariable long appId, @PathVariable String campaignId, HttpServletRequest request) {
    Body.none(request);
    CampaignId id = id(appId, campaignId);
    campaigns.resume(id);
    return Envelope.of("Campaign resumed", viewWithoutCountsIfBusy(id));
  }

  private CampaignId id(long appId, String name) {
    AppId app = compose.profile(new AppId(appId)).app().id();
    return ComposeMessage.campaign(app, name);
  }

  /** It is done: that nobody can count now is no reason to say otherwise. */
  private CampaignView viewWithoutCountsIfBusy(CampaignId id) {
    try {
      return view(id);
    } catch (Overloaded | TransientDataAccessException _) {
      return new CampaignView(id.name(), store.pausedAt(id).orElse(null), null, null);
    }
  }

  private CampaignView view(CampaignId id) {
    Map<String, Long> counts = new TreeMap<>(reads.run(id.app().value(), () -> store.counts(id)));
    long total = counts.values().stream().mapToLong(Long::longValue).sum();
    return new CampaignView(id.name(), store.pausedAt(id).orElse(null), total, counts);
  }
}
