package dev.postrider.live;

import dev.postrider.app.AccessInterceptor;
import dev.postrider.app.ApiKeys;
import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.event.EventStore;
import dev.postrider.event.EventType;
import dev.postrider.platform.Json;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Text;
import dev.postrider.platform.Violations;
import dev.postrider.platform.web.CorrelationFilter;
import dev.postrider.platform.web.ProblemAdvice;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
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

/** Decides who may open a WebSocket, and reads what it is for. What is wrong is said as ever. */
@Component
class HandshakeInterceptor implements org.springframework.web.socket.server.HandshakeInterceptor {
  private static final Logger log = LoggerFactory.getLogger(HandshakeInterceptor.class);
  static final String SUBSCRIPTION = Subscription.class.getName();

  private final ApiKeys keys;
  private final Tickets tickets;
  private final Apps apps;
  private final EventStore events;
  private final Feed feed;
  private final LiveSettings settings;

  HandshakeInterceptor(
      ApiKeys keys,
      Tickets tickets,
      Apps apps,
      EventStore events,
      Feed feed,
      LiveSettings settings) {
    this.keys = keys;
    this.tickets = tickets;
    this.apps = apps;
    this.events = events;
    this.feed = feed;
    this.settings = settings;
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
      attributes.put(SUBSCRIPTION, subscription(servlet));
      return true;
    } catch (ProblemException e) {
      refuse(servlet, response, e);
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

  private Subscription subscription(HttpServletRequest request) {
    if (feed.size() >= settings.connections()) {
      throw ProblemException.retryLater(
          Problem.OVERLOADED,
          "This node has as many connections as it may.",
          Duration.ofSeconds(5));
    }
    Violations violations = new Violations();
    Long after = number(request, "after", violations);
    Long message = number(request, "message_id", violations);
    Set<String> types = types(request, violations);
    violations.throwIfAny();
    String key = AccessInterceptor.key(request);
    AppId app = key == null ? ofTicket(request) : ofKey(request, key);
    long newest = events.extent(app).newest();
    return new Subscription(
        apps.required(app).app().id(),
        // Whoever has more than there is gets what comes next.
        after == null ? newest : Math.min(after, newest),
        message,
        types,
        key);
  }

  private AppId ofTicket(HttpServletRequest request) {
    String ticket = request.getParameter("ticket");
    if (ticket == null) {
      throw ProblemException.of(
          Problem.UNAUTHORIZED,
          "Send an API key as X-Api-Key or as Authorization: Bearer, or a ticket in the URL.");
    }
    return tickets
        .redeem(ticket)
        .orElseThrow(() ->
            ProblemException.of(
                Problem.UNAUTHORIZED, "The ticket is unknown, used or too old; get another."));
  }

  private AppId ofKey(HttpServletRequest request, String key) {
    var caller =
        keys.recognise(key)
            .orElseThrow(() ->
                ProblemException.of(
                    Problem.UNAUTHORIZED, "The API key is unknown, expired or revoked."));
    Violations violations = new Violations();
    Long named = number(request, "app_id", violations);
    violations.throwIfAny();
    AppId own = caller.app();
    if (named == null && own == null) {
      throw ProblemException.invalid("app_id", "is required with the operator's key");
    }
    AppId app = named == null ? own : new AppId(named);
    if (app == null || !caller.mayActFor(app)) {
      throw ProblemException.notFound("application");
    }
    return app;
  }

  private static @Nullable Long number(
      HttpServletRequest request, String name, Violations violations) {
    String text = request.getParameter(name);
    if (text == null) {
      return null;
    }
    try {
      long number = Long.parseLong(text);
      if (violations.require(number >= 0, name, "must be a whole number from 0")) {
        return number;
      }
    } catch (NumberFormatException _) {
      violations.add(name, "must be a whole number from 0");
    }
    return null;
  }

  private static Set<String> types(HttpServletRequest request, Violations violations) {
    Set<String> types = new HashSet<>();
    String[] given = request.getParameterValues("type");
    if (given != null) {
      Arrays.stream(given).flatMap(it -> Arrays.stream(it.split(","))).forEach(types::add);
    }
    violations.require(
        EventType.words().containsAll(types),
        "type",
        "must be of " + String.join(", ", EventType.words()));
    return types;
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
