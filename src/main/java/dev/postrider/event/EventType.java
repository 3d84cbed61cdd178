package dev.postrider.event;

import dev.postrider.message.MessageStatus;
import dev.postrider.message.StatusChange;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What an event tells of. The words are part of the contract. */
public enum EventType {
  ACCEPTED("message.accepted", Subject.MESSAGE),
  SENT("message.sent", Subject.MESSAGE),
  DELIVERED("message.delivered", Subject.MESSAGE),
  READ("message.read", Subject.MESSAGE),
  FAILED("message.failed", Subject.MESSAGE),
  EXPIRED("message.expired", Subject.MESSAGE),
  CANCELED("message.canceled", Subject.MESSAGE),
  UNCERTAIN("message.uncertain", Subject.MESSAGE),
  CIRCUIT_OPENED("sender.circuit_opened", Subject.SENDER),
  CIRCUIT_CLOSED("sender.circuit_closed", Subject.SENDER),
  ENDPOINT_DISABLED("endpoint.disabled", Subject.ENDPOINT);

  /** What it happened to. */
  public enum Subject {
    MESSAGE,
    SENDER,
    ENDPOINT
  }

  private final String word;
  private final Subject subject;

  EventType(String word, Subject subject) {
    this.word = word;
    this.subject = subject;
  }

  /** Whether it is one of those that are wanted: all, when none is named. */
  public boolean isIn(Set<EventType> wanted) {
    return wanted.isEmpty() || wanted.contains(this);
  }

  public Subject subject() {
    return subject;
  }

  public String word() {
    return word;
  }

  public static Optional<EventType> parse(String word) {
    return Arrays.stream(values()).filter(it -> it.word.equals(word)).findFirst();
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(EventType::word).toList();
  }

  /** Empty for going back and forth while a message waits. */
  static Optional<EventType> of(StatusChange change) {
    if (change.from() == null) {
      return Optional.of(ACCEPTED);
    }
    MessageStatus to = change.to();
    return switch (to) {
      case SENT, DELIVERED, READ, FAILED, EXPIRED, CANCELED, UNCERTAIN ->
          parse("message." + to.name().toLowerCase(Locale.ROOT));
      case PENDING, SCHEDULED, SENDING -> Optional.empty();
    };
  }
}
