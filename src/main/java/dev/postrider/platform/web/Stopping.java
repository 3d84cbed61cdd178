package dev.postrider.platform.web;

import dev.postrider.platform.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** Whether this node is being stopped, and what a request is told that may have met that. */
@Component
public class Stopping {
  static final String CUT_SHORT =
      "This node is being stopped and may have cut the request short; nothing was stored."
          + " Send it again.";

  private volatile boolean underWay;

  /** The first thing a stop does: say so. */
  @EventListener(ContextClosedEvent.class)
  void begin() {
    underWay = true;
  }

  public boolean isUnderWay() {
    return underWay;
  }

  /**
   * Whether a request was let in and could not be read because the stop has cut it short, perhaps.
   * A 400 would tell its caller that it is of no use to send it again, and the message be lost.
   */
  boolean mayBeToBlameFor(Problem problem) {
    return underWay && problem == Problem.MALFORMED_REQUEST;
  }

  static ResponseEntity<Map<String, Object>> answer(HttpServletRequest request) {
    return ProblemAdvice.answer(Problem.UNAVAILABLE, CUT_SHORT, List.of(), null, request);
  }
}
