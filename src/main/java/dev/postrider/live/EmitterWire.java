package dev.postrider.live;

import java.io.IOException;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * A connection by server-sent events. How long a reader may take nothing is the server's to say.
 */
record EmitterWire(SseEmitter emitter) implements Wire {
  @Override
  public void send(Tail.Frame frame) throws IOException {
    emitter.send(
        SseEmitter.event()
            .id(Long.toString(frame.event().seq()))
            .data(frame.json(), MediaType.TEXT_PLAIN));
  }

  @Override
  public boolean ping() throws IOException {
    emitter.send(SseEmitter.event().comment("ping"));
    return true;
  }

  @Override
  public void close(int code, String reason) {
    try {
      emitter.send(SseEmitter.event().name("closed").data(Map.of("code", code, "reason", reason)));
      emitter.complete();
    } catch (IOException | RuntimeException e) {
      emitter.completeWithError(e);
    }
  }
}
