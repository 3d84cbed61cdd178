package dev.postrider.webhook;

import dev.postrider.channel.RetryAfter;
import dev.postrider.channel.egress.EgressClient;
import dev.postrider.channel.egress.Reply;
import dev.postrider.platform.Correlation;
import dev.postrider.platform.Json;
import dev.postrider.platform.Text;
import dev.postrider.platform.secret.Hmac;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes one signed delivery. */
@Component
class WebhookClient {
  private static final int EXCERPT = 1000;

  /** Answers that say nothing of what was delivered: the endpoint is busy, or not there. */
  private static final Set<Integer> OF_THE_ENDPOINT = Set.of(408, 425, 429, 502, 503, 504);

  private final EgressClient egress;
  private final InstantSource clock;
  private final WebhookSettings settings;

  WebhookClient(EgressClient egress, InstantSource clock, WebhookSettings settings) {
    this.egress = egress;
    this.clock = clock;
    this.settings = settings;
  }

  /**
   * What is sent.
   *
   * @param id {@code webhook-id}
   * @param seq of the event; 0 for a test
   */
  record Payload(
      String id, long seq, String type, Object body, @Nullable Correlation correlation) {}

  /**
   * What became of a delivery.
   *
   * @param retryAfter what the endpoint asked for
   */
  record Result(Delivery delivery, Optional<Duration> retryAfter) {
    boolean isGone() {
      return delivery.status() != null && delivery.status() == 410;
    }

    /** Whether it was refused for itself, as far as one can tell: another one may be taken. */
    boolean isOfTheEvent() {
      return delivery.status() != null && !OF_THE_ENDPOINT.contains(delivery.status());
    }
  }

  /** An endpoint, made ready for its deliveries. */
  record Target(Endpoint endpoint, URI uri, List<Signer> signers) {}

  private record Signer(SigningSecret secret, Hmac hmac) {}

  Target target(Endpoint endpoint) {
    return new Target(
        endpoint,
        URI.create(endpoint.url()),
        endpoint.secrets().stream().map(it -> new Signer(it, it.hmac())).toList());
  }

  Result deliver(Target target, Payload payload) {
    byte[] body = Json.bytes(payload.body());
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    Map<String, String> headers = new HashMap<>();
    headers.put("webhook-id", payload.id());
    headers.put("webhook-timestamp", Long.toString(now.getEpochSecond()));
    headers.put(
        "webhook-signature",
        Signature.of(
            target.signers().stream()
                .filter(signer -> signer.secret().holdsAt(now))
                .map(Signer::hmac)
                .toList(),
            payload.id(),
            now.getEpochSecond(),
            body));
    if (payload.correlation() != null) {
      headers.put(Correlation.HEADER, payload.correlation().id());
      if (payload.correlation().traceparent() != null) {
        headers.put(Correlation.TRACE, payload.correlation().traceparent());
      }
    }
    long start = System.nanoTime();
    Reply reply =
        egress.exchange(
            new EgressClient.Request(
                "POST",
                target.uri(),
                headers,
                body,
                settings.timeout(),
                target.endpoint().trusted()));
    long took = Duration.ofNanos(System.nanoTime() - start).toMillis();
    return switch (reply) {
      case Reply.Answer answer ->
          new Result(
              new Delivery(
                  payload.seq(),
                  payload.type(),
                  now,
                  answer.status(),
                  answer.isSuccess() ? Delivery.DELIVERED : "http_" + answer.status(),
                  took,
                  excerpt(answer.body())),
              answer.header("retry-after").flatMap(it -> RetryAfter.parse(it, now)));
      case Reply.NotSent(var code, _) -> failed(payload, now, code, took);
      case Reply.Broken(var code, _) -> failed(payload, now, code, took);
    };
  }

  private static Result failed(Payload payload, Instant at, String code, long took) {
    return new Result(
        new Delivery(payload.seq(), payload.type(), at, null, code, took, null), Optional.empty());
  }

  private static @Nullable String excerpt(byte[] body) {
    if (body.length == 0) {
      return null;
    }
    return Text.cleaned(
        new String(body, 0, Math.min(body.length, EXCERPT * 4), StandardCharsets.UTF_8), EXCERPT);
  }
}
