package dev.postrider.channel.whatsappcloud;

import dev.postrider.channel.ErrorTable;
import dev.postrider.channel.ErrorTable.Meaning;
import dev.postrider.channel.VendorErrors;
import java.util.Map;

/**
 * The Cloud API's error codes
 * (developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes). Meta asks to build on the
 * code, not on the message.
 */
final class CloudErrors {
  private static final ErrorTable TABLE =
      ErrorTable.HTTP
          // It is busy, or we are too fast.
          .with(Meaning.DEFER_SENDER, "2", "4", "80007", "130429", "131016", "131057", "133004")
          .with(Meaning.DEFER_MESSAGE, "131056")
          // Somebody has to mend the account. 33, and subcode 33 of 100: a phone_number_id that is
          // not there any more, or not the token's.
          .with(
              Meaning.DEFER_SENDER,
              "0",
              "3",
              "10",
              "33",
              "190",
              "200",
              "368",
              "131005",
              "131031",
              "131037",
              "131042",
              "131045",
              "131048",
              "133010",
              "subcode_33")
          // This message never, whatever the status.
          .with(
              Meaning.REJECT,
              "100",
              "130472",
              "130497",
              "131008",
              "131009",
              "131021",
              "131026",
              "131030",
              "131047",
              "131049",
              "131050",
              "131051",
              "131052",
              "131053",
              "132000",
              "132001",
              "132005",
              "132007",
              "132012",
              "132015",
              "132016")
          // Unknown errors of theirs: it may have gone.
          .with(Meaning.UNCLEAR, "1", "131000");

  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("4", "too many calls"),
          Map.entry("33", "the number was deleted"),
          Map.entry("190", "the access token is not accepted"),
          Map.entry("100", "a parameter is wrong"),
          Map.entry("368", "the account is blocked for a policy violation"),
          Map.entry("80007", "too many calls of the account"),
          Map.entry("130429", "too many messages a second"),
          Map.entry("130472", "the recipient is part of an experiment and gets none"),
          Map.entry("130497", "the account may not send to this country"),
          Map.entry("131008", "a parameter is missing"),
          Map.entry("131009", "a parameter has a value that is not allowed"),
          Map.entry("131021", "sender and recipient are the same"),
          Map.entry("131026", "it cannot be delivered: no WhatsApp, or an old one"),
          Map.entry("131030", "the recipient is not on the test number's list"),
          Map.entry("131031", "the account is locked"),
          Map.entry("131037", "the number's display name is not approved yet"),
          Map.entry("131042", "the account's payment has a problem"),
          Map.entry("131045", "the number is not registered well"),
          Map.entry(
              "131047", "more than 24 hours since the recipient wrote: send a whatsapp_template"),
          Map.entry("131048", "too many of the number's messages were taken for spam"),
          Map.entry("131049", "Meta keeps marketing from this recipient now"),
          Map.entry("131050", "the recipient does not want marketing from this sender"),
          Map.entry("131051", "this type of message is not carried"),
          Map.entry("131052", "the media could not be fetched from the recipient"),
          Map.entry("131053", "the media could not be fetched, or is of the wrong type"),
          Map.entry("131056", "too many messages to this recipient from this number"),
          Map.entry("132000", "the template has another number of placeholders"),
          Map.entry("132001", "there is no such template in this language, or it is not approved"),
          Map.entry("132005", "the text is too long once filled in"),
          Map.entry("132007", "the content breaks a rule of WhatsApp"),
          Map.entry("132012", "a parameter has another form than the template's"),
          Map.entry("132015", "the template is paused for its quality"),
          Map.entry("132016", "the template is disabled for its quality"),
          Map.entry("133010", "the number is not registered"));

  static final VendorErrors ALL = new VendorErrors("WhatsApp", "whatsapp", TABLE, WORDS);

  private CloudErrors() {}
}
