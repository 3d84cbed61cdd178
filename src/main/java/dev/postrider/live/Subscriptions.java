package dev.postrider.live;

import dev.postrider.app.AccessInterceptor;
import dev.postrider.app.ApiKeys;
import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.event.EventStore;
import dev.postrider.event.EventType;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Violations;
import dev.postrider.platform.Wired;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides who may listen, and reads to what. */
@Wired
class Subscriptions {
  private final ApiKeys keys;
  private final Tickets tickets;
  private final Apps apps;
  private final EventStore events;
  private final Feed feed;
  private final LiveSettings settings;

  Subscriptions(
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

  /** What a request asks for; a {@link ProblemException} where it may not. */
  Subscription read(HttpServletRequest request) {
    if (feed.isClosed()) {
      throw ProblemException.retryLater(
          Problem.UNAVAILABLE, "This node stops; connect to another.", Duration.ofSeconds(2));
    }
    if (feed.size() >= settings.connections()) {
      throw ProblemException.retryLater(
          Problem.OVERLOADED,
          "This node has as many connections as it may.",
          Duration.ofSeconds(5));
    }
    Violations violations = new Violations();
    Long after = after(request, violations);
    Long message = number("message_id", request.getParameter("message_id"), violations);
    Set<String> types = types(request, violations);
    violations.throwIfAny();
    String key = AccessInterceptor.key(request);
    Tickets.Right right = key == null ? ofTicket(request) : ofKey(request, key);
    AppId app = apps.required(right.app()).app().id();
    if (feed.size(app.value()) >= settings.connectionsPerApplication()) {
      throw ProblemException.retryLater(
          Problem.OVERLOADED,
          "The application has as many connections to this node as it may.",
          Duration.ofSeconds(5));
    }
    long newest = events.extent(app).newest();
    String ticket = request.getParameter("ticket");
    if (key == null && ticket != null && tickets.redeem(ticket).isEmpty()) {
      throw badTicket(); // somebody else was faster
    }
    return new Subscription(
        app,
        // Whoever has more than there is gets what comes next.
        after == null ? newest : Math.min(after, newest),
        message,
        types,
        right.kid());
  }

  /** A browser that comes back by itself says what it has in a header; its URL is the first one. */
  private static @Nullable Long after(HttpServletRequest request, Violations violations) {
    String last = request.getHeader("Last-Event-ID");
    return last == null || last.isEmpty()
        ? number("after", request.getParameter("after"), violations)
        : number("Last-Event-ID", last, violations);
  }

  private Tickets.Right ofTicket(HttpServletRequest request) {
    String ticket = request.getParameter("ticket");
    if (ticket == null) {
      throw ProblemException.of(
          Problem.UNAUTHORIZED,
          "Send an API key as X-Api-Key or as Authorization: Bearer, or a ticket in the URL.");
    }
    return tickets.right(ticket).orElseThrow(Subscriptions::badTicket);
  }

  private static ProblemException badTicket() {
    return ProblemException.of(
        Problem.UNAUTHORIZED, "The ticket is unknown, used or too old; get another.");
  }

  private Tickets.Right ofKey(HttpServletRequest request, String key) {
    var caller =
        keys.recognise(key)
            .orElseThrow(() ->
                ProblemException.of(
                    Problem.UNAUTHORIZED, "The API key is unknown, expired or revoked."));
    Violations violations = new Violations();
    Long named = number("app_id", request.getParameter("app_id"), violations);
    violations.throwIfAny();
    AppId own = caller.app();
    if (named == null && own == null) {
      throw ProblemException.invalid("app_id", "is required with the operator's key");
    }
    AppId app = named == null ? own : new AppId(named);
    if (app == null || !caller.mayActFor(app)) {
      throw ProblemException.notFound("application");
    }
    return new Tickets.Right(app, keys.kid(key));
  }

  private static @Nullable Long number(String name, @Nullable String text, Violations violations) {
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
}
