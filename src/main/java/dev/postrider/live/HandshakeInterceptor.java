package dev.postrider.live;

import dev.postrider.app.AccessInterceptor;
import dev.postrider.platform.Json;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Text;
import dev.postrider.platform.web.CorrelationFilter;
import dev.postrider.platform.web.ProblemAdvice;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.socket.WebSocketHandler;

/** Lets a WebSocket be opened for a subscription. What is wrong is said as ever. */
@Component
class HandshakeInterceptor implements org.springframework.web.socket.server.HandshakeInterceptor {
  private static final Logger log = LoggerFactory.getLogger(HandshakeInterceptor.class);
  static final String SUBSCRIPTION = Subscription.class.getName();

  private final Subscriptions subscriptions;

  HandshakeInterceptor(Subscriptions subscriptions) {
    this.subscriptions = subscriptions;
  }

  @Override
  public boolean beforeHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      Map<String, Object> attributes)
      throws IOException {
    HttpServletRequest servlet = ((ServletServerHttpRequest) request).getServletRequest();
    try {
      attributes.put(SUBSCRIPTION, subscriptions.read(asked(servlet)));
      return true;
    } catch (ProblemException e) {
      refuse(servlet, response, e);
      return false;
    } catch (Overloaded _) {
      refuse(
          servlet,
          response,
          ProblemException.retryLater(
              Problem.OVERLOADED, "Too many are being opened.", Duration.ofSeconds(1)));
      return false;
    } catch (RuntimeException e) {
      // Said here: elsewhere it would be said with the URL, and the ticket in it.
      log.atWarn()
          .addKeyValue("cause", Text.cleaned(String.valueOf(e), 200))
          .log("live.handshake_failed");
      refuse(
          servlet,
          response,
          ProblemException.retryLater(
              Problem.UNAVAILABLE, "It cannot be opened now.", Duration.ofSeconds(2)));
      return false;
    }
  }

  /** What a request to listen says, over either protocol. */
  static Subscriptions.Asked asked(HttpServletRequest request) {
    Map<String, String> query = new HashMap<>();
    request.getParameterMap().forEach((name, values) -> query.put(name, String.join(",", values)));
    return new Subscriptions.Asked(
        AccessInterceptor.key(request), request.getHeader("Last-Event-ID"), query);
  }

  private static void refuse(
      HttpServletRequest request, ServerHttpResponse response, ProblemException problem)
      throws IOException {
    response.setStatusCode(HttpStatusCode.valueOf(problem.problem().status()));
    response.getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    Duration wait = problem.retryAfter();
    if (wait != null) {
      response.getHeaders().set(HttpHeaders.RETRY_AFTER, Long.toString(wait.toSeconds()));
    }
    response
        .getBody()
        .write(
            Json.bytes(
                ProblemAdvice.body(
                    problem.problem(),
                    problem.detail(),
                    problem.errors(),
                    CorrelationFilter.required(request))));
  }

  @Override
  public void afterHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      @Nullable Exception exception) {}
}
