package dev.postrider.channel.sandbox;

import dev.postrider.channel.Receipt;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

/**
 * What the sandbox does with a recipient, by its last four digits (the table of docs/sandbox.md; a
 * test compares the two).
 */
public enum Script {
  DELIVERED("", "accepted; delivered at once"),
  REJECTED("0001", "rejected: unknown recipient"),
  DEFERRED_TWICE("0002", "deferred twice, then accepted and delivered"),
  DEFERRED("0003", "deferred on every attempt"),
  UNCLEAR_ARRIVED(
      "0004", "first attempt arrives but its answer is lost; then accepted: a duplicate"),
  UNCLEAR_LOST("0005", "first attempt is lost without an answer; then accepted"),
  SLOW("0006", "accepted after 5 seconds; delivered"),
  NO_RECEIPT("0007", "accepted; no receipt ever comes"),
  READ("0008", "accepted; delivered after 1 second, read after 2"),
  FAILED_LATER("0009", "accepted; the provider reports a failure after 1 second"),
  SENDER_DOWN(
      "0010", "deferred for the whole sender, with Retry-After of 2 seconds; then accepted");

  private final String digits;
  private final String story;

  Script(String digits, String story) {
    this.digits = digits;
    this.story = story;
  }

  public String digits() {
    return digits;
  }

  public String story() {
    return story;
  }

  /** The script of a recipient: a number, or an e-mail address by the digits before its @. */
  static Script of(String recipient) {
    int at = recipient.indexOf('@');
    String name = at < 0 ? recipient : recipient.substring(0, at);
    return Arrays.stream(values())
        .filter(script -> !script.digits.isEmpty() && name.endsWith(script.digits))
        .findFirst()
        .orElse(DELIVERED);
  }

  /** The receipts that follow an acceptance, and when. */
  Map<Receipt.Kind, Duration> receipts() {
    return switch (this) {
      case NO_RECEIPT, REJECTED, DEFERRED -> Map.of();
      case READ ->
          Map.of(
              Receipt.Kind.DELIVERED, Duration.ofSeconds(1),
              Receipt.Kind.READ, Duration.ofSeconds(2));
      case FAILED_LATER -> Map.of(Receipt.Kind.FAILED, Duration.ofSeconds(1));
      default -> Map.of(Receipt.Kind.DELIVERED, Duration.ofMillis(50));
    };
  }
}
