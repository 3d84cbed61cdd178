package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.app.SenderId;
import dev.postrider.channel.Content;
import dev.postrider.platform.Correlation;
import dev.postrider.queue.Priority;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Messages of application 1 and sender 1. */
public final class TestMessages {
  private TestMessages() {}

  public static Message message(
      long id, Content content, Instant expiresAt, @Nullable Long retryOf) {
    return new Message(
        id,
        new AppId(1),
        new SenderId(1),
        "+15551230000",
        content,
        null,
        Priority.NORMAL,
        false,
        5,
        expiresAt,
        null,
        null,
        MessageClass.STANDARD,
        null,
        null,
        new Correlation("c", null),
        retryOf,
        null);
  }

  /** One that waits to be sent. */
  public static Outgoing outgoing(Instant expiresAt) {
    return new Outgoing(
        message(7, Content.text("x"), expiresAt, null), expiresAt.minusSeconds(60), null, 0);
  }
}
