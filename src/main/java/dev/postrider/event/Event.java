package dev.postrider.event;

import dev.postrider.app.AppId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened.
 *
 * @param seq its number within its application: from 1, without gaps, in the order of the commits
 * @param subject the id of what its type is about
 * @param sender of a message; null of other subjects
 * @param status the message's public status since then
 * @param previous the one before; null for a message that was just accepted
 * @param code why it failed, was given up, or waits for word; why a circuit opened, an endpoint was
 *     disabled
 */
public record Event(
    AppId app,
    long seq,
    EventType type,
    Instant at,
    long subject,
    @Nullable Long sender,
    @Nullable String status,
    @Nullable String previous,
    @Nullable String code) {

  /** The subject's id if it is one of these; null if it is something else. */
  @Nullable Long subject(EventType.Subject kind) {
    return type.subject() == kind ? (Long) subject : null;
  }

  /** The message it tells of; null when it is about something else. */
  public @Nullable Long message() {
    return subject(EventType.Subject.MESSAGE);
  }

  /** The sender of its message, or that it is about itself. */
  public @Nullable Long senderId() {
    return sender != null ? sender : subject(EventType.Subject.SENDER);
  }

  /** The endpoint it is about; null when it is about something else. */
  public @Nullable Long endpoint() {
    return subject(EventType.Subject.ENDPOINT);
  }

  /** The same for every delivery of it: a receiver that has seen it has seen this event. */
  public String id() {
    return "evt_" + app + "_" + seq;
  }
}
