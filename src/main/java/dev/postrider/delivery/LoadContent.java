package dev.postrider.delivery;

import dev.postrider.channel.Content;
import dev.postrider.message.ContentRoom;
import dev.postrider.message.Message;
import dev.postrider.message.MessageStore;
import dev.postrider.message.Outgoing;
import dev.postrider.platform.Wired;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Loads large contents for their attempts, when there is room for them. */
@Wired
class LoadContent {
  private final MessageStore messages;
  private final ContentRoom room;

  LoadContent(MessageStore messages, ContentRoom room) {
    this.messages = messages;
    this.room = room;
  }

  /**
   * Does something with all that a message says.
   *
   * @param full what is done instead where there is no room for it in time
   */
  <T extends @Nullable Object> T with(
      Outgoing outgoing, Function<Content, T> work, Supplier<T> full) {
    return room.with(
        outgoing.message().app(), outgoing.missing(), () -> work.apply(content(outgoing)), full);
  }

  private Content content(Outgoing outgoing) {
    Message message = outgoing.message();
    return outgoing.missing() == 0
        ? message.content()
        : messages.findWhole(message.app(), message.id()).orElseThrow().message().content();
  }
}
