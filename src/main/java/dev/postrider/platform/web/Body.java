package dev.postrider.platform.web;

import dev.postrider.platform.Json;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Reads request bodies: JSON in UTF-8, within a limit, uncompressed. */
public final class Body {
  /** The longest body of a single resource. */
  public static final int SINGLE = 256 * 1024;

  /** The longest callback of a provider, which may tell of many messages: Meta's has 3 MB. */
  public static final int CALLBACK = 3 * 1024 * 1024;

  /** The longest body of a batch. */
  public static final int BATCH = 2 * 1024 * 1024;

  /** For all of a body. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Room for what comes is made as it comes: this much first, then four times as much. */
  static final int AT_FIRST = 16 * 1024;

  private Body() {}

  public static byte[] json(HttpServletRequest request, int limit) {
    checkType(request.getContentType());
    checkEncoding(request);
    return raw(request, limit);
  }

  /**
   * Of what takes no fields, nothing or an empty object: whoever sends one is told that it has no
   * effect.
   */
  public static byte[] none(HttpServletRequest request) {
    byte[] body = raw(request, SINGLE);
    if (body.length > 0) {
      checkEncoding(request);
      Json.read(body, Nothing.class);
    }
    return body;
  }

  private record Nothing() {}

  /** The body as it came, within a limit. */
  public static byte[] raw(HttpServletRequest request, int limit) {
    long announced = request.getContentLengthLong();
    if (announced > limit) {
      throw tooLarge(limit);
    }
    try {
      byte[] body =
          read(
              request.getInputStream(),
              announced >= 0 ? (int) announced : limit + 1,
              PATIENCE,
              room -> Pass.reading(request, room));
      if (body.length > limit) {
        throw tooLarge(limit);
      }
      if (body.length < announced) {
        throw cutShort();
      }
      Pass.read(request, body);
      return body;
    } catch (IOException _) {
      throw cutShort();
    }
  }

  private static ProblemException cutShort() {
    return ProblemException.of(
        Problem.MALFORMED_REQUEST, "The body ended before its announced length.");
  }

  /**
   * Reads up to so many bytes, within a time: each read alone has one, and whoever sends a byte now
   * and then would keep a place for as long as he likes.
   *
   * @param growing is told how many bytes room is made for, each time that is not enough
   */
  static byte[] read(InputStream in, int most, Duration patience, IntConsumer growing)
      throws IOException {
    long until = System.nanoTime() + patience.toNanos();
    byte[] body = new byte[Math.min(AT_FIRST, most)];
    int length = 0;
    int read = 0;
    while (length < most && read >= 0) {
      if (length == body.length) {
        int room = Math.min(most, body.length * 4);
        growing.accept(room);
        body = Arrays.copyOf(body, room);
      }
      read = in.read(body, length, body.length - length);
      length += Math.max(0, read);
      if (read >= 0 && length < most && System.nanoTime() > until) {
        throw ProblemException.of(
            Problem.MALFORMED_REQUEST,
            "The body took longer than " + patience.toSeconds() + " seconds.");
      }
    }
    return length == body.length ? body : Arrays.copyOf(body, length);
  }

  private static void checkEncoding(HttpServletRequest request) {
    if (request.getHeader("Content-Encoding") != null) {
      throw ProblemException.of(
          Problem.UNSUPPORTED_MEDIA_TYPE, "Send the body without a Content-Encoding.");
    }
  }

  private static void checkType(@Nullable String type) {
    String plain = type == null ? "" : type.strip().toLowerCase(Locale.ROOT);
    if (plain.equals("application/json")) {
      return;
    }
    int semicolon = plain.indexOf(';');
    String essence = semicolon < 0 ? plain : plain.substring(0, semicolon).strip();
    String charset = semicolon < 0 ? "" : plain.substring(semicolon + 1).replace("\"", "").strip();
    boolean json = essence.equals("application/json");
    boolean utf8 = !charset.startsWith("charset=") || charset.equals("charset=utf-8");
    if (!json || !utf8) {
      throw ProblemException.of(
          Problem.UNSUPPORTED_MEDIA_TYPE, "Send Content-Type: application/json, in UTF-8.");
    }
  }

  private static ProblemException tooLarge(int limit) {
    return ProblemException.of(
        Problem.PAYLOAD_TOO_LARGE, "The body may have at most " + limit + " bytes.");
  }
}
