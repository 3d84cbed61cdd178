package dev.postrider.platform.web;

import dev.postrider.platform.Json;
import dev.postrider.platform.idempotency.Idempotency;
import dev.postrider.platform.idempotency.IdempotencyKey;
import dev.postrider.platform.idempotency.StoredAnswer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

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

  /** 200: nothing new is there to be looked at. */
  public static StoredAnswer done(Object envelope) {
    return new StoredAnswer(200, null, Json.bytes(envelope));
  }

  public static void send(HttpServletResponse response, Idempotency.Outcome outcome) {
    send(response, outcome.answer(), outcome.replayed());
  }

  /** Writes an answer as it is: content negotiation would cost as much as reading the request. */
  public static void send(HttpServletResponse response, StoredAnswer answer, boolean replayed) {
    response.setStatus(answer.status());
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setContentLength(answer.body().length);
    if (answer.location() != null) {
      response.setHeader(HttpHeaders.LOCATION, answer.location());
    }
    if (replayed) {
      response.setHeader(REPLAYED, "true");
    }
    try {
      response.getOutputStream().write(answer.body());
    } catch (IOException e) {
      // The caller hung up: what it asked for is done, and its key finds the answer again.
      throw new UncheckedIOException(e);
    }
  }
}
