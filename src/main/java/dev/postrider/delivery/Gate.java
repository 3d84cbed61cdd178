package dev.postrider.delivery;

import dev.postrider.app.Apps;
import dev.postrider.app.QuietHours;
import dev.postrider.message.CampaignPauses;
import dev.postrider.message.Message;
import dev.postrider.message.MessageClass;
import dev.postrider.platform.Wired;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/**
 * Says whether a message may start now, and if not, why not: one answer for the dispatch and for
 * whoever asks. Everything it needs is remembered; the happy path asks nobody.
 */
@Wired
class Gate {
  private final Apps apps;
  private final CampaignPauses campaigns;

  Gate(Apps apps, CampaignPauses campaigns) {
    this.apps = apps;
    this.campaigns = campaigns;
  }

  /** What holds the message at this moment; the longest lasting thing first. */
  Optional<Hold> holds(Message message, Instant now) {
    if (apps.isPaused(message.sender())) {
      return Optional.of(
          new Hold("paused", "Its sender, or its application, is paused.", null, true));
    }
    return campaigns
        .since(message)
        .map(since ->
            new Hold(
                "campaign_paused",
                "Its campaign, " + message.campaignId() + ", is paused since " + since + ".",
                null,
                false))
        .or(() -> quiet(message, now));
  }

  private Optional<Hold> quiet(Message message, Instant now) {
    if (message.kind() == MessageClass.OTP) {
      return Optional.empty();
    }
    return apps.profile(message.app())
        .flatMap(profile -> profile.policy().quietHours())
        .flatMap(quiet ->
            quiet.endsAfter(now, message.recipientZone()).map(end -> hold(message, quiet, end)));
  }

  private static Hold hold(Message message, QuietHours quiet, Instant end) {
    ZoneId zone = message.recipientZone() == null ? quiet.zone() : message.recipientZone();
    return new Hold(
        "quiet_hours",
        "Quiet hours hold from "
            + quiet.start()
            + " to "
            + quiet.end()
            + " in "
            + zone
            + "; it goes at "
            + end
            + ".",
        end,
        false);
  }
}
