package dev.postrider.channel.twilio;

import dev.postrider.channel.Callback;
import dev.postrider.channel.CallbackRefused;
import dev.postrider.channel.Receipt;
import dev.postrider.platform.Text;
import dev.postrider.platform.secret.Hmac;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hc.core5.net.WWWFormCodec;
import org.jspecify.annotations.Nullable;

/**
 * Twilio's status callbacks: forms, signed with HMAC-SHA1 over the URL that was called and the
 * fields in the order of their names ({@code X-Twilio-Signature}, base64;
 * twilio.com/docs/usage/security). They come in any order and more than once, which the fold of
 * receipts makes harmless.
 */
final class TwilioReceipts {
  private static final int HTTPS = 443;
  private static final int HTTP = 80;

  private TwilioReceipts() {}

  /** The fields of a callback that is genuine. */
  static Map<String, String> verified(Callback callback, URI url, String authToken) {
    SortedMap<String, String> fields = fields(callback.body());
    StringBuilder signed = new StringBuilder();
    fields.forEach((name, value) -> signed.append(name).append(value));
    byte[] given = decoded(callback.header().apply("X-Twilio-Signature").orElse(""));
    Hmac hmac = Hmac.sha1(authToken.getBytes(StandardCharsets.UTF_8));
    boolean matches =
        spellings(url).stream()
            .map(it -> (it + signed).getBytes(StandardCharsets.UTF_8))
            .anyMatch(it -> hmac.matches(it, given));
    if (!matches) {
      throw new CallbackRefused("the signature does not match");
    }
    return fields;
  }

  private static SortedMap<String, String> fields(byte[] form) {
    SortedMap<String, String> fields = new TreeMap<>();
    WWWFormCodec.parse(new String(form, StandardCharsets.UTF_8), StandardCharsets.UTF_8)
        .forEach(it -> fields.put(it.getName(), it.getValue() == null ? "" : it.getValue()));
    return fields;
  }

  private static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException _) {
      return new byte[0];
    }
  }

  /** Twilio may sign with the port or without it. */
  private static List<String> spellings(URI url) {
    int own = "https".equals(url.getScheme()) ? HTTPS : HTTP;
    int port = url.getPort() < 0 ? own : url.getPort();
    String host = url.getScheme() + "://" + url.getHost();
    return List.of(host + url.getRawPath(), host + ":" + port + url.getRawPath());
  }

  /** The receipt in a genuine callback; none where it tells of what is under way. */
  static List<Receipt> parse(Map<String, String> fields, String accountSid) {
    if (!accountSid.equals(fields.get("AccountSid"))) {
      throw new CallbackRefused("the callback is about another account");
    }
    String sid = fields.getOrDefault("MessageSid", "");
    Receipt.Kind kind = kind(fields.getOrDefault("MessageStatus", ""));
    if (sid.isEmpty() || kind == null) {
      return List.of();
    }
    return List.of(new Receipt(sid, kind, null, detail(kind, fields.get("ErrorCode"))));
  }

  private static @Nullable String detail(Receipt.Kind kind, @Nullable String code) {
    if (kind != Receipt.Kind.FAILED) {
      return null;
    }
    return code == null || code.isEmpty()
        ? "Twilio could not deliver it and gives no code"
        : TwilioErrors.ALL.detail(Text.cleaned(code, 10));
  }

  private static Receipt.@Nullable Kind kind(String status) {
    return switch (status) {
      case "sent" -> Receipt.Kind.SENT;
      case "delivered" -> Receipt.Kind.DELIVERED;
      case "read" -> Receipt.Kind.READ;
      case "failed", "undelivered", "canceled" -> Receipt.Kind.FAILED;
      default -> null; // queued, accepted, scheduled, sending; and what is not known yet
    };
  }
}
