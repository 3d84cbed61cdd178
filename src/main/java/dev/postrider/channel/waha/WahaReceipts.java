package dev.postrider.channel.waha;

import dev.postrider.channel.Callback;
import dev.postrider.channel.CallbackRefused;
import dev.postrider.channel.Receipt;
import dev.postrider.platform.Json;
import dev.postrider.platform.secret.Hmac;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * WAHA's {@code message.ack} events: signed with HMAC-SHA512 over the raw body ({@code
 * X-Webhook-Hmac}, lower-case hex). The time stamp is not signed, and acks may be skipped, repeated
 * and reordered, which the fold of receipts makes harmless.
 */
final class WahaReceipts {
  /** The year 2200. */
  private static final long LATEST_MILLIS = 7_258_118_400_000L;

  private WahaReceipts() {}

  static void verify(Callback callback, @Nullable String hmacKey) {
    if (hmacKey == null) {
      throw new CallbackRefused("the sender has no hmac_key to check callbacks with");
    }
    String algorithm = callback.header().apply("X-Webhook-Hmac-Algorithm").orElse("sha512");
    String hex = callback.header().apply("X-Webhook-Hmac").orElse("");
    if (!algorithm.equals("sha512") || !signed(callback.body(), hex, hmacKey)) {
      throw new CallbackRefused("the signature does not match");
    }
  }

  private static boolean signed(byte[] body, String hex, String key) {
    try {
      byte[] signature = HexFormat.of().parseHex(hex);
      return Hmac.sha512(key.getBytes(StandardCharsets.UTF_8)).matches(body, signature);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** The receipts in a verified body; none where it tells of something else. */
  static List<Receipt> parse(byte[] body, String session) {
    JsonNode event = Json.tree(body);
    if (event == null || !event.path("event").asString("").startsWith("message.ack")) {
      return List.of();
    }
    if (!event.path("session").asString("").equals(session)) {
      throw new CallbackRefused("the event is about another session");
    }
    JsonNode payload = event.path("payload");
    String id = WahaIds.inAnswer(payload);
    Receipt.Kind kind = kind(payload.path("ack").asInt(0));
    if (id == null || kind == null || !payload.path("fromMe").asBoolean(true)) {
      return List.of();
    }
    String detail = kind == Receipt.Kind.FAILED ? "WhatsApp reported an error (ack -1)" : null;
    return List.of(new Receipt(id, kind, instant(event.path("timestamp").asLong(0)), detail));
  }

  /** Null where the number is no time in milliseconds that could be meant. */
  private static @Nullable Instant instant(long millis) {
    return millis > 0 && millis < LATEST_MILLIS ? Instant.ofEpochMilli(millis) : null;
  }

  // -1 ERROR, 0 PENDING, 1 SERVER, 2 DEVICE, 3 READ, 4 PLAYED
  static Receipt.@Nullable Kind kind(int ack) {
    return switch (ack) {
      case -1 -> Receipt.Kind.FAILED;
      case 1 -> Receipt.Kind.SENT;
      case 2 -> Receipt.Kind.DELIVERED;
      case 3, 4 -> Receipt.Kind.READ;
      default -> null;
    };
  }
}
