package dev.postrider.event;

import dev.postrider.app.AppId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened.
 *
 * @param seq its number within its application: from 1, without gaps, in the order of the commits
 * @param subject the message's id; an endpoint's for {@link EventType#ENDPOINT_DISABLED}
 * @param sender null where no message is meant
 * @param status the message's public status since then
 * @param previous the one before; null for a message that was just accepted
 * @param code why it failed, was given up, or waits for word
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

  /** The same for every delivery of it: a receiver that has seen it has seen this event. */
  public String id() {
    return "evt_" + app + "_" + seq;
  }
}
