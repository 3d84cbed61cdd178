package dev.postrider.platform.web;

import dev.postrider.platform.Json;
import dev.postrider.platform.idempotency.Idempotency;
import dev.postrider.platform.idempotency.IdempotencyKey;
import dev.postrider.platform.idempotency.StoredAnswer;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** Answers that may be replayed, and the keys they are replayed for. */
public final class Answers {
  public static final String REPLAYED = "Idempotent-Replayed";

  private Answers() {}

  /** The request's idempotency key, null when it has none. */
  public static @Nullable IdempotencyKey key(HttpServletRequest request, long scope, byte[] body) {
    return IdempotencyKey.of(
        scope,
        request.getHeader(IdempotencyKey.HEADER),
        request.getMethod(),
        request.getRequestURI(),
        body);
  }

  /** 201 with a place to look at it again. */
  public static StoredAnswer created(@Nullable String location, Object envelope) {
    return new StoredAnswer(201, location, Json.bytes(envelope));
  }

  public static ResponseEntity<byte[]> send(Idempotency.Outcome outcome) {
    return send(outcome.answer(), outcome.replayed());
  }

  public static ResponseEntity<byte[]> send(StoredAnswer answer, boolean replayed) {
    HttpHeaders headers = new HttpHeaders();
    headers.setContentType(MediaType.APPLICATION_JSON);
    if (answer.location() != null) {
      headers.set(HttpHeaders.LOCATION, answer.location());
    }
    if (replayed) {
      headers.set(REPLAYED, "true");
    }
    return ResponseEntity.status(answer.status()).headers(headers).body(answer.body());
  }
}
