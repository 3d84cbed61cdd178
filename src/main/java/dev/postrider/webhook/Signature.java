package dev.postrider.webhook;

import dev.postrider.platform.secret.Hmac;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** The {@code webhook-signature} header of the Standard Webhooks specification, version 1. */
public final class Signature {
  private Signature() {}

  /**
   * Signs a delivery with every secret that holds, the newest first.
   *
   * @param secrets HMAC-SHA256 with the bytes behind {@code whsec_}
   * @param timestamp seconds since 1970, as in {@code webhook-timestamp}
   */
  public static String of(List<Hmac> secrets, String id, long timestamp, byte[] body) {
    byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
    return secrets.stream()
        .map(secret -> "v1," + Base64.getEncoder().encodeToString(secret.of(head, body)))
        .collect(Collectors.joining(" "));
  }
}
