package dev.postrider.channel.twilio;

import dev.postrider.channel.ErrorTable;
import dev.postrider.channel.ErrorTable.Meaning;
import dev.postrider.channel.VendorErrors;
import java.util.Map;

/**
 * Twilio's error codes (twilio.com/docs/api/errors): all that matter, in words those that are met.
 */
final class TwilioErrors {
  private static final ErrorTable TABLE =
      ErrorTable.HTTP
          // Its number, its service or its account; or too fast.
          .with(
              Meaning.DEFER_SENDER,
              "20003",
              "20404",
              "20429",
              "21212",
              "21606",
              "21609",
              "21611",
              "21659",
              "21660",
              "21661",
              "21701",
              "21703",
              "21704",
              "21705",
              "30001",
              "30002",
              "63018")
          // This recipient or this message never, whatever the status.
          .with(
              Meaning.REJECT,
              "21211",
              "21265",
              "21266",
              "21408",
              "21608",
              "21610",
              "21612",
              "21614",
              "21617");

  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("20003", "the account or its credentials are not accepted"),
          Map.entry("20404", "there is no such account"),
          Map.entry("20429", "too many requests"),
          Map.entry("21211", "the recipient is no valid number"),
          Map.entry("21212", "the sender's number is not valid"),
          Map.entry("21408", "the account may not send to this region"),
          Map.entry("21606", "the sender's number cannot send messages"),
          Map.entry("21608", "a trial account sends to verified numbers only"),
          Map.entry("21609", "the sender's public_url is no address that it reports to"),
          Map.entry("21610", "the recipient has opted out"),
          Map.entry("21611", "the sender's queue is full"),
          Map.entry("21612", "the recipient cannot be reached from this sender"),
          Map.entry("21614", "the recipient is not a mobile number"),
          Map.entry("21617", "the text is too long"),
          Map.entry("21659", "the sender's number is not one of Twilio's"),
          Map.entry("21660", "the sender's number is another account's"),
          Map.entry("21661", "the sender's number cannot send SMS"),
          Map.entry("21701", "there is no such messaging service"),
          Map.entry("21703", "the messaging service has no sender"),
          Map.entry("21704", "the messaging service has no number"),
          Map.entry("21705", "the messaging service is not valid"),
          Map.entry("30001", "its queue is full"),
          Map.entry("30002", "the account is suspended"),
          Map.entry("30003", "the handset could not be reached"),
          Map.entry("30004", "the message was blocked"),
          Map.entry("30005", "the recipient is unknown, or no longer in service"),
          Map.entry("30006", "the recipient is a landline, or its carrier cannot be reached"),
          Map.entry("30007", "the carrier filtered the message"),
          Map.entry("30008", "the carrier gave no reason"),
          Map.entry("30036", "its validity ended before it could be delivered"));

  static final VendorErrors ALL = new VendorErrors("Twilio", "twilio", TABLE, WORDS);

  private TwilioErrors() {}
}
