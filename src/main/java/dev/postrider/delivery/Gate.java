package dev.postrider.delivery;

import dev.postrider.app.AppPolicy;
import dev.postrider.app.Apps;
import dev.postrider.app.Pacing;
import dev.postrider.app.Pause;
import dev.postrider.app.QuietHours;
import dev.postrider.circuit.Circuits;
import dev.postrider.circuit.Order;
import dev.postrider.message.CampaignId;
import dev.postrider.message.CampaignPauses;
import dev.postrider.message.Message;
import dev.postrider.message.MessageClass;
import dev.postrider.message.MessageStore;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.SharedRoom;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Says whether a message may start now, and if not, why not: one answer for the dispatch and for
 * whoever asks. What it needs is remembered, so that the happy path asks nobody; only a sender that
 * leaves time between messages to one recipient has it look for the last one.
 */
@Wired
class Gate {
  private final Apps apps;
  private final CampaignPauses campaigns;
  private final MessageStore messages;
  private final Circuits circuits;
  private final SharedRoom looks = new SharedRoom(3, 1, Duration.ofMillis(500));

  Gate(Apps apps, CampaignPauses campaigns, MessageStore messages, Circuits circuits) {
    this.apps = apps;
    this.campaigns = campaigns;
    this.messages = messages;
    this.circuits = circuits;
  }

  /** What holds the message at this moment; first what a person has to end. */
  Optional<Hold> holds(Message message, Instant now) {
    return paused(message)
        .or(() -> forcedOpen(message))
        .or(() -> campaignPaused(message))
        .or(() -> quiet(message, now))
        .or(() -> tooSoon(message, now));
  }

  /** All that does: after the end of one it meets the next. */
  List<Hold> all(Message message, Instant now) {
    return Stream.concat(
            byPeople(message).stream(),
            Stream.of(quiet(message, now), tooSoon(message, now)).flatMap(Optional::stream))
        .toList();
  }

  /** What a person has to end; known of a sender that cannot be used, too. */
  List<Hold> byPeople(Message message) {
    return Stream.of(paused(message), forcedOpen(message), campaignPaused(message))
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<Hold> paused(Message message) {
    return apps.pause(message.sender())
        .map(pause -> new Hold("paused", because(message, pause), null, true));
  }

  private static String because(Message message, Pause pause) {
    String app = "/api/applications/" + message.app().value();
    List<String> all = new ArrayList<>();
    if (pause.ofApplication() != null) {
      all.add(
          "Its application is paused since "
              + pause.ofApplication()
              + " (POST "
              + app
              + "/resume ends that).");
    }
    if (pause.ofSender() != null) {
      all.add(
          "Its sender is paused since "
              + pause.ofSender()
              + " (POST "
              + app
              + "/senders/"
              + message.sender().value()
              + "/resume ends that).");
    }
    return String.join(" ", all);
  }

  private Optional<Hold> forcedOpen(Message message) {
    Order order = circuits.order(message.sender().value());
    return order == null || order.forced() != Order.Forced.OPEN
        ? Optional.empty()
        : Optional.of(
            new Hold(
                "circuit_forced_open",
                "Its sender's circuit was opened by hand at "
                    + order.at()
                    + " (PUT /api/applications/"
                    + message.app().value()
                    + "/senders/"
                    + message.sender().value()
                    + "/circuit with {\"forced\":null} ends that).",
                null,
                true));
  }

  private Optional<Hold> campaignPaused(Message message) {
    String name = message.campaignId();
    return name == null
        ? Optional.empty()
        : campaigns
            .since(message)
            .map(since ->
                new Hold(
                    "campaign_paused",
                    "Its campaign, "
                        + name
                        + ", is paused since "
                        + since
                        + " (POST /api/campaigns/"
                        + message.app().value()
                        + "/"
                        + name
                        + "/resume ends that).",
                    null,
                    false,
                    new CampaignId(message.app(), name)));
  }

  /** Its sender keeps a distance between messages to one recipient. */
  private Optional<Hold> tooSoon(Message message, Instant now) {
    Duration distance =
        apps.sender(message.sender())
            .flatMap(sender -> sender.policy().pacing())
            .map(Pacing::perRecipient)
            .orElse(Duration.ZERO);
    if (distance.isZero()) {
      return Optional.empty();
    }
    return lastSent(message)
        .map(last -> last.plus(distance))
        .filter(now::isBefore)
        .map(until ->
            new Hold(
                "recipient_pacing",
                "Its sender leaves "
                    + distance.toSeconds()
                    + " seconds between messages to one recipient; it does not go before "
                    + until
                    + ".",
                until,
                true));
  }

  /** All that waits for this recipient is read along: few at a time, one of an application. */
  private Optional<Instant> lastSent(Message message) {
    return looks.with(
        message.app().value(),
        1,
        () -> messages.lastSent(message),
        () -> {
          throw new Overloaded("looks for the last message to a recipient");
        });
  }

  /** The quiet hours that hold it at this moment. */
  Optional<Hold> quiet(Message message, Instant now) {
    if (message.kind() == MessageClass.OTP) {
      return Optional.empty();
    }
    return apps.policyToTheEnd(message.app())
        .flatMap(AppPolicy::quietHours)
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
            + "; it does not go before "
            + end
            + ".",
        end,
        false);
  }
}
