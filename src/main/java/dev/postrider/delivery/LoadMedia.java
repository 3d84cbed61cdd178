package dev.postrider.delivery;

import dev.postrider.channel.Content;
import dev.postrider.message.Message;
import dev.postrider.message.MessageStore;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Loads the bytes of a message's media for its attempt, and keeps few of them in memory at once: a
 * provider's request is made of them, which takes several times as many.
 */
@Wired
class LoadMedia {
  /** Of all media that is being sent by this node. */
  private static final int MOST_BYTES = 8 * 1024 * 1024;

  /** Less than a lease has to spare. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final MessageStore messages;
  private final Semaphore bytes = new Semaphore(MOST_BYTES, true);

  LoadMedia(MessageStore messages) {
    this.messages = messages;
  }

  /**
   * Does something with all that a message says.
   *
   * @return empty when there was no room for its media in time, and nothing was done
   */
  <T> Optional<T> with(Message message, Function<Content, T> work) {
    Content.Media media = message.content().media();
    if (media == null || media.bytes() == null) {
      return Optional.of(work.apply(message.content()));
    }
    int size = Math.min(media.bytes(), MOST_BYTES);
    if (!hasRoom(size)) {
      return Optional.empty();
    }
    try {
      byte[] data = messages.mediaData(message.app(), message.id());
      return Optional.of(work.apply(message.content().withData(data)));
    } finally {
      bytes.release(size);
    }
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
