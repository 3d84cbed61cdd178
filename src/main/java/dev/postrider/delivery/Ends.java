package dev.postrider.delivery;

import dev.postrider.message.Dispatch;
import dev.postrider.message.LogEntry;
import dev.postrider.message.StoredMessage;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Why a message is where it is that is out of our hands: taken, or ended. */
final class Ends {
  /** What ended it without a word of its provider. */
  private static final Set<String> OURS = Set.of(Verdicts.UNCERTAIN, Verdicts.SENDER_DELETED);

  private Ends() {}

  static Because because(Facts facts) {
    StoredMessage stored = facts.stored();
    return switch (stored.status()) {
      case READ -> new Because("The recipient read it at " + stored.readAt() + ".", "read", null);
      case DELIVERED ->
          new Because(
              "It reached the recipient at " + stored.deliveredAt() + ".", "delivered", null);
      case SENT -> sent(facts);
      case CANCELED ->
          new Because("It was canceled at " + stored.endedAt() + ".", "canceled", null)
              .and(sentAgain(facts));
      case EXPIRED -> expired(facts);
      case FAILED -> failed(facts).and(sentAgain(facts));
      case SCHEDULED, PENDING, SENDING, UNCERTAIN ->
          throw new IllegalStateException(stored.status() + " is no end");
    };
  }

  private static Because sent(Facts facts) {
    String taken = "The provider took it at " + facts.stored().sentAt();
    return facts.reports()
        ? new Because(
            taken
                + " and has not reported its delivery: not every recipient does, and a report may be"
                + " on its way, or be refused (callback.refused in the log).",
            "awaiting_receipt",
            null)
        : new Because(taken + ". It reports no deliveries: nobody can tell more.", "sent", null);
  }

  private static Because expired(Facts facts) {
    Optional<LogEntry> step = facts.end().flatMap(Facts.End::step);
    String why = step.map(LogEntry::detail).map(detail -> ": " + detail).orElse("");
    return new Because(
            "Its deadline, "
                + facts.stored().message().expiresAt()
                + ", passed before it could be sent"
                + (facts.last().isEmpty() ? "" : " again")
                + why
                + ".",
            "expired",
            null)
        .and(
            facts
                .end()
                .flatMap(Facts.End::hold)
                .map(hold -> "Before that it was held: " + hold.replace('_', ' ') + ".")
                .orElse(""))
        .and(facts.last().map(last -> Because.sentence(Waits.told(last))).orElse(""))
        .and(sentAgain(facts));
  }

  private static Because failed(Facts facts) {
    StoredMessage stored = facts.stored();
    if (stored.dispatch() == Dispatch.HANDED_OFF) {
      return new Because(
          "The provider took it and then reported that it failed"
              + (stored.detail() == null ? "" : ": " + stored.detail())
              + ".",
          "provider_failed",
          null);
    }
    if (stored.dispatch() == Dispatch.DEAD) {
      return new Because(
          "It was given up because nodes crashed while sending it; look at it before sending it"
              + " again.",
          "crashes",
          null);
    }
    return givenUp(facts)
        .and(
            stored.providerFailedAt() == null
                ? ""
                : "Of an attempt the provider reported later that it failed.");
  }

  private static Because givenUp(Facts facts) {
    StoredMessage stored = facts.stored();
    Optional<LogEntry> step = facts.end().flatMap(Facts.End::step);
    String code = Objects.requireNonNullElse(facts.endCode(), "unknown");
    String detail =
        Objects.requireNonNullElse(step.map(LogEntry::detail).orElse(stored.detail()), code);
    String why = detail + " (" + code + ").";
    if (OURS.contains(code)) {
      return new Because("It was given up: " + why, code, null);
    }
    String attempts = attempts(facts);
    // Versions before this word was written said how the last attempt ended.
    String sentence =
        step.map(LogEntry::event)
            .flatMap(Decision.Cause::parse)
            .map(cause ->
                switch (cause) {
                  case REJECTED -> "The provider rejected it: ";
                  case RULED_OUT ->
                      "Its retry rule gave it up after " + attempts + "; the last answer was: ";
                  case RAN_OUT ->
                      "It ran out of attempts: "
                          + attempts
                          + ", of which "
                          + stored.message().maxAttempts()
                          + " may count; the last said: ";
                })
            .orElse("It was given up after " + attempts + "; the last said: ");
    return new Because(sentence + why, code, null);
  }

  private static String attempts(Facts facts) {
    int made = facts.last().map(Attempt::number).orElse(0);
    return made == 1 ? "1 attempt" : made + " attempts";
  }

  private static String sentAgain(Facts facts) {
    return facts
        .end()
        .flatMap(Facts.End::sentAgainAs)
        .map(id -> "It was sent again as message " + id + ".")
        .orElse("");
  }
}
