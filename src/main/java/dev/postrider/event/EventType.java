package dev.postrider.event;

import dev.postrider.message.MessageStatus;
import dev.postrider.message.StatusChange;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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

  private static final Map<String, EventType> BY_WORD =
      Arrays.stream(values()).collect(Collectors.toMap(EventType::word, it -> it));

  /** What a message's change to a status is; none where it only waits. */
  private static final Map<MessageStatus, EventType> BY_STATUS = byStatus();

  private static Map<MessageStatus, EventType> byStatus() {
    Map<MessageStatus, EventType> types = new EnumMap<>(MessageStatus.class);
    for (MessageStatus status : MessageStatus.values()) {
      parse("message." + status.word()).ifPresent(type -> types.put(status, type));
    }
    return types;
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
    return Optional.ofNullable(BY_WORD.get(word));
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(EventType::word).toList();
  }

  /** Empty for what is not told of. */
  static Optional<EventType> of(StatusChange change) {
    if (!change.isTold()) {
      return Optional.empty();
    }
    return change.from() == null
        ? Optional.of(ACCEPTED)
        : Optional.ofNullable(BY_STATUS.get(change.to()));
  }
}
