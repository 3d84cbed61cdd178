package dev.postrider.platform;

import java.util.Locale;

/**
 * Every way a request can fail. The code is public API: callers branch on it, and each has a
 * section in docs/problems.md (a test compares the two).
 */
public enum Problem {
  MALFORMED_REQUEST(400, "The request could not be read"),
  UNAUTHORIZED(401, "A valid API key is required"),
  FORBIDDEN(403, "This key may not do that"),
  NOT_FOUND(404, "No such resource"),
  METHOD_NOT_ALLOWED(405, "Method not allowed"),
  NOT_ACCEPTABLE(406, "Only JSON is served here"),
  CONFLICT(409, "The resource is not in a state that allows this"),
  IDEMPOTENCY_IN_PROGRESS(409, "A request with this idempotency key is still running"),
  PAYLOAD_TOO_LARGE(413, "The request body is too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "The request body must be JSON in UTF-8"),
  VALIDATION_FAILED(422, "The request is not valid"),
  IDEMPOTENCY_KEY_REUSE(422, "This idempotency key belongs to a different request"),
  RATE_LIMITED(429, "A limit of the application is used up"),
  /** 429: with a 503 Tomcat ends the connection, and the next request pays for another. */
  OVERLOADED(429, "The service is at capacity"),
  UNAVAILABLE(503, "The service cannot do that at the moment"),
  INTERNAL(500, "Something went wrong on our side");

  private final int status;
  private final String title;

  Problem(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** What an HTTP status of 400 or more that somebody else chose comes closest to. */
  public static Problem ofStatus(int status) {
    return switch (status) {
      case 404 -> NOT_FOUND;
      case 405 -> METHOD_NOT_ALLOWED;
      case 406 -> NOT_ACCEPTABLE;
      case 413 -> PAYLOAD_TOO_LARGE;
      case 415 -> UNSUPPORTED_MEDIA_TYPE;
      case 503 -> UNAVAILABLE;
      // What Tomcat says of a transfer encoding, and of a version of HTTP.
      case 501, 505 -> MALFORMED_REQUEST;
      default -> status < 500 ? MALFORMED_REQUEST : INTERNAL;
    };
  }

  public int status() {
    return status;
  }

  public String title() {
    return title;
  }

  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
