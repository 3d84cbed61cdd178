package dev.postrider.live;

import dev.postrider.platform.web.Access;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * The same as the WebSocket, for those who prefer server-sent events (WHATWG HTML, 9.2): an event's
 * number is its id, and a client that sends a key resumes by it.
 */
@RestController
@Tag(name = "Events")
class EventStreamController {
  static final String PATH = "/sse";
  private static final long WITHOUT_END = 0;

  private final Subscriptions subscriptions;
  private final Feed feed;

  EventStreamController(Subscriptions subscriptions, Feed feed) {
    this.subscriptions = subscriptions;
    this.feed = feed;
  }

  @Access(Access.Who.ANYONE)
  @GetMapping(path = PATH, produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  @Operation(
      summary = "Listen to events as they happen",
      description =
          "With an API key in a header, or a ticket in the URL. Does not end by itself. Each event's"
              + " data is as the log shows it, its id is its seq; an id without data says where you stand.")
  @Parameter(name = "app_id", in = ParameterIn.QUERY, description = "with the operator's key")
  @Parameter(name = "after", in = ParameterIn.QUERY, description = "the last seq you have")
  @Parameter(name = "message_id", in = ParameterIn.QUERY, description = "only this one's events")
  @Parameter(name = "type", in = ParameterIn.QUERY, description = "only these, by commas")
  @Parameter(name = "ticket", in = ParameterIn.QUERY, description = "in place of a key")
  @Parameter(name = "Last-Event-ID", in = ParameterIn.HEADER, description = "goes before after")
  SseEmitter listen(HttpServletRequest request, HttpServletResponse response)
      throws HttpRequestMethodNotSupportedException {
    // Spring maps HEAD here, too: what is written to it goes nowhere, so it would never be seen to
    // have gone.
    if (!request.getMethod().equals("GET")) {
      throw new HttpRequestMethodNotSupportedException(request.getMethod(), List.of("GET"));
    }
    Subscription subscription = subscriptions.read(HandshakeInterceptor.asked(request));
    // A proxy in between must pass on what it gets: nginx would collect it.
    response.setHeader("X-Accel-Buffering", "no");
    response.setHeader("Cache-Control", "no-store");
    SseEmitter emitter = new SseEmitter(WITHOUT_END);
    Connection connection = new Connection(subscription, wire(emitter), feed);
    emitter.onCompletion(() -> feed.remove(connection));
    feed.add(connection);
    return emitter;
  }

  /** How long a reader may take nothing is the server's to say. */
  private static Wire wire(SseEmitter emitter) {
    return new Wire(
        frame ->
            send(
                emitter,
                SseEmitter.event()
                    .id(Long.toString(frame.event().seq()))
                    .data(frame.json(), MediaType.TEXT_PLAIN)),
        upTo -> {
          // An id without data is no event: a client notes it, and comes back with it.
          send(emitter, SseEmitter.event().id(Long.toString(upTo)).comment("ping"));
          return true;
        },
        (code, reason) -> close(emitter, code, reason));
  }

  private static void send(SseEmitter emitter, SseEmitter.SseEventBuilder event) {
    try {
      emitter.send(event);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(SseEmitter emitter, int code, String reason) {
    try {
      send(emitter, SseEmitter.event().name("closed").data(Map.of("code", code, "reason", reason)));
      emitter.complete();
    } catch (RuntimeException e) {
      emitter.completeWithError(e);
    }
  }
}
