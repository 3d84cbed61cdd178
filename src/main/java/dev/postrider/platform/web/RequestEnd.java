package dev.postrider.platform.web;

import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/** What is done when the answer of the request under way is written, or was not to be written. */
public final class RequestEnd {
  private RequestEnd() {}

  public static void then(Runnable last) {
    RequestContextHolder.currentRequestAttributes()
        .registerDestructionCallback(
            // Of each name the last counts.
            "end " + System.identityHashCode(last), last, RequestAttributes.SCOPE_REQUEST);
  }
}
