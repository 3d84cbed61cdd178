package dev.postrider.webhook;

import dev.postrider.app.AppId;
import dev.postrider.channel.egress.EgressSockets;
import dev.postrider.event.EventStore;
import dev.postrider.event.EventType;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Quota;
import dev.postrider.platform.Violations;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.webhook.NoticeStore.Range;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Adds, changes and deletes endpoints, changes their secrets, and has events told again. */
@Wired
public class EditEndpoints {
  private static final int MOST = 50;
  private static final int MAX_PORT = 65_535;
  private static final int MOST_SECRETS = 5;
  private static final int MAX_URL = 2000;
  private static final int MAX_PER_SECOND = 1000;
  private static final long MAX_REPLAY = 100_000;
  private static final Set<Integer> PORTS = Set.of(-1, 443, 8443);

  private static final String BY_HAND = "by_hand";

  private final EndpointStore store;
  private final NoticeStore notices;
  private final EventStore events;
  private final Notify notify;
  private final EgressSockets sockets;
  private final Transactions transactions;
  private final InstantSource clock;

  public EditEndpoints(
      EndpointStore store,
      NoticeStore notices,
      EventStore events,
      Notify notify,
      EgressSockets sockets,
      Transactions transactions,
      InstantSource clock) {
    this.store = store;
    this.notices = notices;
    this.events = events;
    this.notify = notify;
    this.sockets = sockets;
    this.transactions = transactions;
    this.clock = clock;
  }

  /** An endpoint as it is asked for; null is what the caller did not say. */
  record Wanted(
      @Nullable String url,
      @Nullable String description,
      @Nullable List<String> eventTypes,
      @Nullable Integer perSecond,
      @Nullable Boolean enabled) {}

  /**
   * Checks what is asked for, a name's addresses included; not to be called in a transaction, for
   * names take their time.
   */
  void check(Wanted wanted, boolean trusted, boolean isNewUrl) {
    Violations violations = new Violations();
    if (isNewUrl) {
      String url = wanted.url() == null ? "" : wanted.url().strip();
      violations.line("url", url, MAX_URL);
      String flaw = flaw(url, trusted);
      violations.require(flaw == null, "url", String.valueOf(flaw));
    }
    violations.text("description", wanted.description(), 500);
    if (wanted.eventTypes() != null) {
      violations.require(
          wanted.eventTypes().stream().allMatch(it -> EventType.words().contains(it)),
          "event_types",
          "must be of " + String.join(", ", EventType.words()));
    }
    Integer perSecond = wanted.perSecond();
    violations.require(
        perSecond == null || (perSecond >= 0 && perSecond <= MAX_PER_SECOND),
        "per_second",
        "must be from 1 to " + MAX_PER_SECOND + ", or 0 for no limit");
    violations.throwIfAny();
  }

  /** Adds one that was checked. */
  Endpoint add(AppId app, Wanted wanted, boolean trusted) {
    Quota.check(store.count(app), MOST, "endpoints");
    EndpointStore.Draft draft =
        new EndpointStore.Draft(
            String.valueOf(wanted.url()).strip(),
            wanted.description(),
            types(wanted.eventTypes()),
            rate(wanted.perSecond()),
            trusted);
    return transactions.call(() -> {
      // Told of what happens from now on.
      long next = events.extent(app).newest() + 1;
      long id = store.insert(app, draft, SigningSecret.generate(), next);
      if (Boolean.FALSE.equals(wanted.enabled())) {
        store.disable(id, BY_HAND);
      }
      return required(app, id);
    });
  }

  /** What is absent stays. Enabled again, it is told of all it has missed and that is kept. */
  Endpoint change(AppId app, long id, Wanted wanted, boolean trusted) {
    String url = wanted.url() == null ? null : wanted.url().strip();
    String newUrl = required(app, id).url().equals(url) ? null : url;
    check(wanted, trusted, newUrl != null);
    return changed(
        app,
        id,
        before -> {
          store.update(
              before.id(),
              new EndpointStore.Draft(
                  newUrl == null ? before.url() : newUrl,
                  wanted.description() == null ? before.description() : wanted.description(),
                  wanted.eventTypes() == null ? before.types() : types(wanted.eventTypes()),
                  wanted.perSecond() == null ? before.perSecond() : rate(wanted.perSecond()),
                  newUrl == null ? before.trusted() : trusted));
          if (Boolean.TRUE.equals(wanted.enabled())) {
            store.enable(before.id());
            if (before.disabledAt() != null) {
              notify.restart(before);
            }
          } else if (Boolean.FALSE.equals(wanted.enabled())) {
            store.disable(before.id(), BY_HAND);
          }
          return required(app, id);
        });
  }

  private static @Nullable Integer rate(@Nullable Integer wanted) {
    return wanted == null || wanted == 0 ? null : wanted;
  }

  private static Set<EventType> types(@Nullable List<String> words) {
    Set<EventType> types = EnumSet.noneOf(EventType.class);
    if (words != null) {
      words.forEach(word -> EventType.parse(word).ifPresent(types::add));
    }
    return types;
  }

  void delete(AppId app, long id) {
    changed(
        app,
        id,
        endpoint -> {
          store.delete(endpoint.id());
          notify.forget(endpoint);
          return endpoint;
        });
  }

  /** A new secret signs at once; the one before it signs too for a while. */
  Endpoint rotate(AppId app, long id, Duration overlap) {
    return changed(
        app,
        id,
        endpoint -> {
          Instant now = clock.instant();
          List<SigningSecret> secrets = new ArrayList<>();
          secrets.add(SigningSecret.generate());
          endpoint.secrets().stream()
              .limit(1)
              .map(old -> new SigningSecret(old.text(), now.plus(overlap)))
              .forEach(secrets::add);
          // Those of earlier rotations sign to their ends.
          endpoint.secrets().stream()
              .skip(1)
              .filter(secret -> secret.holdsAt(now))
              .limit(MOST_SECRETS - 2)
              .forEach(secrets::add);
          store.setSecrets(endpoint.id(), secrets);
          return required(app, id);
        });
  }

  /** Tells it again of events that are kept; returns which. */
  Range replay(AppId app, long id, String field, long from, @Nullable Long to) {
    EventStore.Extent extent = events.extent(app);
    Violations violations = new Violations();
    violations.require(
        from >= extent.oldest() && from <= extent.newest(),
        field,
        "must be an event that is kept: from " + extent.oldest() + " to " + extent.newest());
    violations.require(to == null || to >= from, "to_seq", "must not be less than from_seq");
    violations.require(
        to == null || to - from < MAX_REPLAY,
        "to_seq",
        "may mean at most " + MAX_REPLAY + " events at once");
    violations.throwIfAny();
    return changed(
        app,
        id,
        endpoint -> {
          if (notices.hasMoreThan(endpoint.id(), Notify.MOST_NOTICES / 2)) {
            throw ProblemException.of(
                Problem.CONFLICT,
                "So much waits for this endpoint that more would not help; try again later.");
          }
          long last = to == null ? from + MAX_REPLAY - 1 : to;
          Range all = new Range(from, Math.min(last, extent.newest()));
          notify.cut(endpoint.id(), app, all);
          return all;
        });
  }

  /** The number of the first event since a time; 422 when there is none. */
  long firstSince(AppId app, Instant time) {
    return events
        .firstSince(app, time)
        .orElseThrow(() -> ProblemException.invalid("since", "is after the newest event"));
  }

  Endpoint required(AppId app, long id) {
    return store.find(app, id).orElseThrow(() -> ProblemException.notFound("endpoint"));
  }

  private <T> T changed(AppId app, long id, Function<Endpoint, T> change) {
    return transactions.call(() ->
        change.apply(
            store.findToChange(app, id).orElseThrow(() -> ProblemException.notFound("endpoint"))));
  }

  private @Nullable String flaw(String url, boolean trusted) {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException _) {
      return "must be an absolute URL";
    }
    // A host that URI cannot read is one that others may read differently.
    if (uri.getHost() == null || uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
      return "must be an absolute URL with a host, without user and fragment";
    }
    if (EgressSockets.isAmbiguous(uri.getHost())) {
      return "must write an address in four decimal numbers";
    }
    if (uri.getPort() == 0 || uri.getPort() > MAX_PORT) {
      return "must have a port from 1 to " + MAX_PORT;
    }
    boolean https = "https".equals(uri.getScheme());
    if (!https && !(trusted && "http".equals(uri.getScheme()))) {
      return "must be https; only the operator may set up others";
    }
    if (trusted) {
      return null;
    }
    if (!PORTS.contains(uri.getPort())) {
      return "may have port 443 or 8443; only the operator may set up others";
    }
    return sockets.mayPointTo(uri.getHost())
        ? null
        : "must not have an address that is not public; only the operator may set up others";
  }
}
