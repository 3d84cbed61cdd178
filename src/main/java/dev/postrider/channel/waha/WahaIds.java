package dev.postrider.channel.waha;

import dev.postrider.channel.MessageIds;
import dev.postrider.platform.Wired;
import dev.postrider.platform.secret.Hmac;
import dev.postrider.platform.secret.MasterKey;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * WhatsApp message ids as WAHA shows them: {@code true_<chat>_<key>[_<participant>]}. The key alone
 * identifies the message; the chat part may come back as a hidden {@code @lid}.
 */
@Wired
class WahaIds {
  private final Hmac hmac;

  WahaIds(MasterKey key) {
    this.hmac = Hmac.derived(key, "waha-message-id");
  }

  /**
   * The key we ask for, the same on every attempt of a message, so that an unclear send can be
   * looked up. Shaped like the ones WhatsApp Web clients make up: 3EB0 and 18 hexadecimal digits.
   * Message ids come again after a restore, and in a new database: when it was accepted goes in.
   */
  String chosen(long messageId, Instant acceptedAt) {
    byte[] digest = hmac.of(messageId + "/" + acceptedAt.toEpochMilli());
    return "3EB0" + HexFormat.of().withUpperCase().formatHex(digest, 0, 9);
  }

  /** The key in an id of any of the shapes that engines return. */
  static String bare(String id) {
    List<String> parts = List.of(id.split("_"));
    boolean serialized =
        parts.size() >= 3 && (parts.getFirst().equals("true") || parts.getFirst().equals("false"));
    return serialized ? parts.get(2) : id;
  }

  /**
   * The key in the answer to a send: {@code id} as a text or as an object, or the raw {@code
   * key.id} of older NOWEB engines. Null where there is none.
   */
  static @Nullable String inAnswer(@Nullable JsonNode answer) {
    if (answer == null || !answer.isObject()) {
      return null;
    }
    for (JsonNode candidate :
        List.of(
            answer.path("id"),
            answer.path("id").path("_serialized"),
            answer.path("id").path("id"),
            answer.path("key").path("id"))) {
      if (candidate.isString() && !candidate.asString().isBlank()) {
        String bare = bare(candidate.asString());
        return MessageIds.fits(bare) ? bare : null;
      }
    }
    return null;
  }
}
