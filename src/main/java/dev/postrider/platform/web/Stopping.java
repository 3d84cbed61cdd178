package dev.postrider.platform.web;

import dev.postrider.platform.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/**
 * The end of a node, as a request meets it that was let in and could not be read: the stop may have
 * cut it short. A 400 would tell its caller that it is no use to send it again, and the message
 * would be lost by the caller.
 */
@Component
public class Stopping {
  private volatile boolean underWay;

  /** Said before anything is stopped. */
  @EventListener(ContextClosedEvent.class)
  void begin() {
    underWay = true;
  }

  /** Whether the stop may be to blame for this problem. */
  boolean mayBeToBlameFor(Problem problem) {
    return underWay && problem == Problem.MALFORMED_REQUEST;
  }

  static ResponseEntity<Map<String, Object>> answer(HttpServletRequest request) {
    return ProblemAdvice.answer(
        Problem.UNAVAILABLE,
        "This node is being stopped and may have cut the request short; nothing was stored."
            + " Send it again.",
        List.of(),
        null,
        request);
  }
}
