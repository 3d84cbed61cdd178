package dev.postrider.event;

import dev.postrider.message.MessageStatus;
import dev.postrider.message.StatusChange;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What an event tells of. The words are part of the contract. */
public enum EventType {
  ACCEPTED("message.accepted"),
  SENT("message.sent"),
  DELIVERED("message.delivered"),
  READ("message.read"),
  FAILED("message.failed"),
  EXPIRED("message.expired"),
  CANCELED("message.canceled"),
  UNCERTAIN("message.uncertain"),
  ENDPOINT_DISABLED("endpoint.disabled");

  private final String word;

  EventType(String word) {
    this.word = word;
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
