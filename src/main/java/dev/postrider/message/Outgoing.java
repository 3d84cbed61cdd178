package dev.postrider.message;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way out. A node has hundreds of them in memory and calls few providers at once,
 * so what is large is left where it is stored.
 *
 * @param acceptedAt when it was accepted, by the database's clock
 * @param parkedAt since when it is uncertain; null when it may be sent
 * @param missing about how many bytes of its content are not here; 0 when all of it is
 */
public record Outgoing(
    Message message, Instant acceptedAt, @Nullable Instant parkedAt, int missing) {
  /** The largest content, in bytes, that is kept with its message. */
  static final int KEPT = 8 * 1024;

  static Outgoing accepted(Message message, Instant at) {
    int size = message.content().size();
    return size <= KEPT
        ? new Outgoing(message, at, null, 0)
        : new Outgoing(message.saying(message.content().withoutBody()), at, null, size);
  }
}
