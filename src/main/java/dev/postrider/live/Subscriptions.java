package dev.postrider.live;

import dev.postrider.app.ApiKeys;
import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.event.EventStore;
import dev.postrider.event.EventType;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Violations;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

  /**
   * A request to listen.
   *
   * @param key the API key it presents; null when it presents none
   * @param lastEventId what a client that comes back says it has; null when it does not say
   * @param query its parameters; one that is there several times by commas
   */
  record Asked(@Nullable String key, @Nullable String lastEventId, Map<String, String> query) {}

  /** What a request asks for; a {@link ProblemException} where it may not. */
  Subscription read(Asked asked) {
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
    Long after = after(asked, violations);
    Long message = number("message_id", asked.query().get("message_id"), violations);
    Set<String> types = types(asked, violations);
    violations.throwIfAny();
    String key = asked.key();
    Tickets.Right right = key == null ? ofTicket(asked) : ofKey(asked, key);
    AppId app = apps.required(right.app()).app().id();
    if (feed.size(app.value()) >= settings.connectionsPerApplication()) {
      throw ProblemException.retryLater(
          Problem.OVERLOADED,
          "The application has as many connections to this node as it may.",
          Duration.ofSeconds(5));
    }
    long newest = events.extent(app).newest();
    String ticket = asked.query().get("ticket");
    if (key == null && ticket != null && !tickets.redeem(ticket)) {
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

  /** A client that comes back by itself says what it has in a header; its URL is the first one. */
  private static @Nullable Long after(Asked asked, Violations violations) {
    String last = asked.lastEventId();
    return last == null || last.isEmpty()
        ? number("after", asked.query().get("after"), violations)
        : number("Last-Event-ID", last, violations);
  }

  private Tickets.Right ofTicket(Asked asked) {
    String ticket = asked.query().get("ticket");
    if (ticket == null) {
      throw ProblemException.of(
          Problem.UNAUTHORIZED,
          "Send an API key as X-Api-Key or as Authorization: Bearer, or a ticket in the URL.");
    }
    return tickets
        .right(ticket)
        .filter(right -> right.kid() == null || keys.isUsable(right.kid()))
        .orElseThrow(Subscriptions::badTicket);
  }

  private static ProblemException badTicket() {
    return ProblemException.of(
        Problem.UNAUTHORIZED, "The ticket is unknown, used or too old; get another.");
  }

  private Tickets.Right ofKey(Asked asked, String key) {
    var caller =
        keys.recognise(key)
            .orElseThrow(() ->
                ProblemException.of(
                    Problem.UNAUTHORIZED, "The API key is unknown, expired or revoked."));
    Violations violations = new Violations();
    Long named = number("app_id", asked.query().get("app_id"), violations);
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

  private static Set<String> types(Asked asked, Violations violations) {
    Set<String> types = new HashSet<>();
    String given = asked.query().get("type");
    if (given != null) {
      types.addAll(List.of(given.split(",")));
    }
    violations.require(
        EventType.words().containsAll(types),
        "type",
        "must be of " + String.join(", ", EventType.words()));
    return types;
  }
}
