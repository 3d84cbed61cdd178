package dev.postrider.channel.twilio;

import dev.postrider.channel.CallbackRefused;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What Twilio speaks: {@code application/x-www-form-urlencoded}, in UTF-8. */
final class Form {
  static final String TYPE = "application/x-www-form-urlencoded";
  private static final int MOST_FIELDS = 200;

  private Form() {}

  static byte[] written(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(it -> encoded(it.getKey()) + "=" + encoded(it.getValue()))
        .collect(Collectors.joining("&"))
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The fields of a callback by name; throws {@link CallbackRefused} where it is no form. */
  static SortedMap<String, String> read(byte[] body) {
    SortedMap<String, String> fields = new TreeMap<>();
    String text = new String(body, StandardCharsets.UTF_8);
    if (text.isEmpty()) {
      return fields;
    }
    String[] pairs = text.split("&", MOST_FIELDS + 1);
    if (pairs.length > MOST_FIELDS) {
      throw new CallbackRefused("the form has too many fields");
    }
    try {
      for (String pair : pairs) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        fields.put(
            URLDecoder.decode(name, StandardCharsets.UTF_8),
            URLDecoder.decode(value, StandardCharsets.UTF_8));
      }
      return fields;
    } catch (IllegalArgumentException _) {
      throw new CallbackRefused("the form cannot be read");
    }
  }
}
