package dev.postrider.channel.egress;

import java.util.Map;
import java.util.Optional;

/** What became of an HTTP request, as far as one may honestly say. */
public sealed interface Reply {
  /**
   * There was an answer.
   *
   * @param headers by lower-case name
   * @param body at most 256 KiB of it
   */
  @SuppressWarnings("ArrayRecordComponent") // parsed, never compared
  record Answer(int status, Map<String, String> headers, byte[] body) implements Reply {
    public Optional<String> header(String lowerCaseName) {
      return Optional.ofNullable(headers.get(lowerCaseName));
    }

    public boolean isSuccess() {
      return status >= 200 && status < 300;
    }
  }

  /** Not a byte of the request left: name, connection, TLS, or no free connection. */
  record NotSent(String code, String detail) implements Reply {}

  /** The request may have arrived; its answer did not. */
  record Broken(String code, String detail) implements Reply {}
}
