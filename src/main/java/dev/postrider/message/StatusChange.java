package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.app.SenderId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change of a message's public status, as it is being committed.
 *
 * @param from null for a message that was just accepted
 * @param code what the step was written down with; null where there is nothing to say
 * @param latency for {@code sent}: since it was due; for {@code delivered}: since it was sent
 */
public record StatusChange(
    AppId app,
    SenderId sender,
    long messageId,
    @Nullable MessageStatus from,
    MessageStatus to,
    Instant at,
    @Nullable String code,
    @Nullable Duration latency) {

  /** Whether it is told of, and counted: not going back and forth while a message waits. */
  public boolean isTold() {
    return from == null
        || switch (to) {
          case SENT, DELIVERED, READ, FAILED, EXPIRED, CANCELED, UNCERTAIN -> true;
          case PENDING, SCHEDULED, SENDING -> false;
        };
  }
}
