package dev.postrider.channel.whatsappcloud;

import dev.postrider.channel.Callback;
import dev.postrider.channel.CallbackRefused;
import dev.postrider.channel.Receipt;
import dev.postrider.platform.Json;
import dev.postrider.platform.Text;
import dev.postrider.platform.secret.Hmac;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The Cloud API's callbacks: signed with HMAC-SHA256 over the raw body ({@code X-Hub-Signature-256:
 * sha256=<hex>}) with the app's secret. One holds statuses of several messages and numbers, in any
 * order; those of other numbers are not this sender's, and are passed over.
 */
final class CloudReceipts {
  private static final String PREFIX = "sha256=";

  /** The year 2200. */
  private static final long LATEST_SECONDS = 7_258_118_400L;

  private CloudReceipts() {}

  static void verify(Callback callback, @Nullable String appSecret) {
    if (appSecret == null) {
      throw new CallbackRefused("the sender has no app_secret to check callbacks with");
    }
    String header = callback.header().apply("X-Hub-Signature-256").orElse("");
    if (!header.startsWith(PREFIX) || !signed(callback.body(), header, appSecret)) {
      throw new CallbackRefused("the signature does not match");
    }
  }

  private static boolean signed(byte[] body, String header, String secret) {
    try {
      byte[] signature = HexFormat.of().parseHex(header.substring(PREFIX.length()));
      return Hmac.sha256(secret.getBytes(StandardCharsets.UTF_8)).matches(body, signature);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** The receipts in a verified body that are about messages from this number. */
  static List<Receipt> parse(byte[] body, String phoneNumberId) {
    List<Receipt> receipts = new ArrayList<>();
    JsonNode callback = Json.tree(body);
    if (callback == null) {
      return receipts;
    }
    for (JsonNode entry : callback.path("entry")) {
      for (JsonNode change : entry.path("changes")) {
        JsonNode value = change.path("value");
        if (value.at("/metadata/phone_number_id").asString("").equals(phoneNumberId)) {
          value.path("statuses").forEach(status -> add(status, receipts));
        }
      }
    }
    return receipts;
  }

  private static void add(JsonNode status, List<Receipt> receipts) {
    String id = status.path("id").asString("");
    Receipt.Kind kind = kind(status.path("status").asString(""));
    if (!id.isEmpty() && kind != null) {
      receipts.add(new Receipt(id, kind, instant(status.path("timestamp")), detail(kind, status)));
    }
  }

  private static @Nullable String detail(Receipt.Kind kind, JsonNode status) {
    if (kind != Receipt.Kind.FAILED) {
      return null;
    }
    String code = Text.cleaned(status.at("/errors/0/code").asString(""), 10);
    return code.isEmpty() ? "WhatsApp gives no reason" : CloudErrors.ALL.detail(code);
  }

  /** Seconds, written as text; null where it is no time that could be meant. */
  private static @Nullable Instant instant(JsonNode seconds) {
    long value = seconds.asLong(0);
    return value > 0 && value < LATEST_SECONDS ? Instant.ofEpochSecond(value) : null;
  }

  private static Receipt.@Nullable Kind kind(String status) {
    return switch (status) {
      case "sent" -> Receipt.Kind.SENT;
      case "delivered" -> Receipt.Kind.DELIVERED;
      case "read", "played" -> Receipt.Kind.READ;
      case "failed" -> Receipt.Kind.FAILED;
      default -> null; // deleted, warning; and what is not known yet
    };
  }
}
