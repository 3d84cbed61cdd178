package dev.postrider.channel.waha;

import dev.postrider.channel.Outbound;
import dev.postrider.channel.SenderAccount;
import dev.postrider.channel.SenderChecks;
import dev.postrider.channel.egress.EgressClient;
import dev.postrider.channel.egress.Reply;
import dev.postrider.platform.Json;
import dev.postrider.platform.Settings;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The calls we make to a WAHA server. A sender without a server of its own uses the operator's. */
@Component
class WahaClient {
  private final EgressClient egress;
  private final Optional<Settings.Waha> environment;

  WahaClient(EgressClient egress, Settings settings) {
    this.egress = egress;
    this.environment = settings.waha();
  }

  boolean hasEnvironment() {
    return environment.isPresent();
  }

  String session(SenderAccount account) {
    return account
        .setting("session")
        .orElseGet(() -> environment.map(Settings.Waha::session).orElse("default"));
  }

  Optional<String> hmacKey(SenderAccount account) {
    return account
        .credential("hmac_key")
        .or(() -> usesEnvironment(account) ? environmentHmac() : Optional.empty());
  }

  private Optional<String> environmentHmac() {
    return environment.flatMap(Settings.Waha::hmacKey).map(key -> key.value());
  }

  private static boolean usesEnvironment(SenderAccount account) {
    return account.trusted() && account.setting("base_url").isEmpty();
  }

  Reply post(Outbound outbound, String path, Map<String, Object> body) {
    return call(outbound, "POST", path, Json.bytes(body), outbound.deadline());
  }

  Reply get(Outbound outbound, String path, Duration deadline) {
    return call(outbound, "GET", path, null, deadline);
  }

  private Reply call(
      Outbound outbound, String method, String path, byte @Nullable [] body, Duration deadline) {
    SenderAccount account = outbound.sender();
    URI base = baseUrl(account);
    if (base == null) {
      return new Reply.NotSent("not_configured", "the sender has no WAHA server");
    }
    Map<String, String> headers = outbound.tracing();
    apiKey(account).ifPresent(key -> headers.put("X-Api-Key", key));
    return egress.exchange(
        new EgressClient.Request(
            method, URI.create(base + path), headers, body, deadline, account.trusted()));
  }

  private @Nullable URI baseUrl(SenderAccount account) {
    return usesEnvironment(account)
        ? environment.map(Settings.Waha::url).orElse(null)
        : account.setting("base_url").map(SenderChecks::httpUri).orElse(null);
  }

  private Optional<String> apiKey(SenderAccount account) {
    return account
        .credential("api_key")
        .or(() ->
            usesEnvironment(account)
                ? environment.map(waha -> waha.apiKey().value())
                : Optional.empty());
  }

  static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
