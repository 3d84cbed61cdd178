package dev.postrider.channel.whatsappcloud;

import dev.postrider.channel.ErrorTable;
import dev.postrider.channel.ErrorTable.Meaning;
import java.util.Map;

/**
 * The Cloud API's error codes
 * (developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes). Meta asks to build on the
 * code, not on the message, which may hold a phone number.
 */
final class CloudErrors {
  /** By subcode, code, then HTTP status. */
  static final ErrorTable TABLE =
      new ErrorTable(
          Map.ofEntries(
              // Nothing was sent, and it passes by itself.
              Map.entry("2", Meaning.DEFER_SENDER),
              Map.entry("131016", Meaning.DEFER_SENDER),
              Map.entry("131057", Meaning.DEFER_SENDER),
              Map.entry("133004", Meaning.DEFER_SENDER),
              // Too fast: the account, or this pair only.
              Map.entry("4", Meaning.DEFER_SENDER),
              Map.entry("80007", Meaning.DEFER_SENDER),
              Map.entry("130429", Meaning.DEFER_SENDER),
              Map.entry("131056", Meaning.DEFER_MESSAGE),
              // Somebody has to mend the account.
              Map.entry("0", Meaning.DEFER_SENDER),
              Map.entry("3", Meaning.DEFER_SENDER),
              Map.entry("10", Meaning.DEFER_SENDER),
              Map.entry("190", Meaning.DEFER_SENDER),
              Map.entry("200", Meaning.DEFER_SENDER),
              Map.entry("368", Meaning.DEFER_SENDER),
              Map.entry("131005", Meaning.DEFER_SENDER),
              Map.entry("131031", Meaning.DEFER_SENDER),
              Map.entry("131042", Meaning.DEFER_SENDER),
              Map.entry("131045", Meaning.DEFER_SENDER),
              Map.entry("131048", Meaning.DEFER_SENDER),
              Map.entry("133010", Meaning.DEFER_SENDER),
              // A phone_number_id that is not there, or not the token's (100 with this subcode).
              Map.entry("subcode_33", Meaning.DEFER_SENDER),
              // This message never, whatever the status.
              Map.entry("100", Meaning.REJECT),
              Map.entry("130472", Meaning.REJECT),
              Map.entry("130497", Meaning.REJECT),
              Map.entry("131008", Meaning.REJECT),
              Map.entry("131009", Meaning.REJECT),
              Map.entry("131021", Meaning.REJECT),
              Map.entry("131026", Meaning.REJECT),
              Map.entry("131030", Meaning.REJECT),
              Map.entry("131047", Meaning.REJECT),
              Map.entry("131049", Meaning.REJECT),
              Map.entry("131050", Meaning.REJECT),
              Map.entry("131051", Meaning.REJECT),
              Map.entry("131052", Meaning.REJECT),
              Map.entry("131053", Meaning.REJECT),
              Map.entry("132000", Meaning.REJECT),
              Map.entry("132001", Meaning.REJECT),
              Map.entry("132005", Meaning.REJECT),
              Map.entry("132007", Meaning.REJECT),
              Map.entry("132012", Meaning.REJECT),
              Map.entry("132015", Meaning.REJECT),
              Map.entry("132016", Meaning.REJECT),
              // Unknown errors of theirs: it may have gone.
              Map.entry("1", Meaning.UNCLEAR),
              Map.entry("131000", Meaning.UNCLEAR),
              Map.entry("http_401", Meaning.DEFER_SENDER),
              Map.entry("http_403", Meaning.DEFER_SENDER),
              Map.entry("http_404", Meaning.DEFER_SENDER),
              Map.entry("http_429", Meaning.DEFER_SENDER),
              Map.entry("http_503", Meaning.DEFER_SENDER),
              Map.entry("http_3xx", Meaning.DEFER_SENDER),
              Map.entry("http_408", Meaning.UNCLEAR),
              Map.entry("http_4xx", Meaning.REJECT)),
          Meaning.UNCLEAR);

  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("4", "too many calls"),
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

  private CloudErrors() {}

  /** In our words, without a full stop. */
  static String detail(String code) {
    String words = WORDS.get(code);
    return "WhatsApp says " + code + (words == null ? "" : ": " + words);
  }
}
