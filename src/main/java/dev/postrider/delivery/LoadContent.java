package dev.postrider.delivery;

import dev.postrider.channel.Content;
import dev.postrider.message.Message;
import dev.postrider.message.MessageStore;
import dev.postrider.message.Outgoing;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Loads large contents for their attempts, and lets only so much of them be in memory at once: a
 * provider's request is made of them, which takes several times as much.
 */
@Wired
class LoadContent {
  private static final int MOST_BYTES = 8 * 1024 * 1024;

  /** Less than a lease has to spare. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final MessageStore messages;
  private final Semaphore bytes = new Semaphore(MOST_BYTES, true);

  LoadContent(MessageStore messages) {
    this.messages = messages;
  }

  /**
   * Does something with all that a message says.
   *
   * @return empty when there was no room for it in time, and nothing was done
   */
  <T> Optional<T> with(Outgoing outgoing, Function<Content, T> work) {
    if (outgoing.missing() == 0) {
      return Optional.of(work.apply(outgoing.message().content()));
    }
    int size = Math.min(outgoing.missing(), MOST_BYTES);
    if (!hasRoom(size)) {
      return Optional.empty();
    }
    try {
      return Optional.of(work.apply(content(outgoing.message())));
    } finally {
      bytes.release(size);
    }
  }

  private Content content(Message message) {
    return messages.find(message.app(), message.id()).orElseThrow().message().content();
  }

  private boolean hasRoom(int size) {
    try {
      return bytes.tryAcquire(size, PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
