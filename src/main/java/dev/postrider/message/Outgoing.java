package dev.postrider.message;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way out, without the bytes of its media: a node has hundreds of them in memory,
 * and calls few providers at once.
 *
 * @param acceptedAt when it was accepted, by the database's clock
 * @param parkedAt since when it is uncertain; null when it may be sent
 */
public record Outgoing(Message message, Instant acceptedAt, @Nullable Instant parkedAt) {
  public Outgoing {
    message = message.withoutData();
  }
}
