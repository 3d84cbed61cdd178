package dev.postrider.live;

import dev.postrider.app.AppId;
import dev.postrider.event.Event;
import dev.postrider.event.EventStore;
import dev.postrider.platform.Loop;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.SharedRoom;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks for new events of the applications that somebody is connected for, and lets the connections
 * have them. Asks nothing of the database while nobody is.
 */
@Wired
public class Feed implements Loop {
  private static final int PAGE = 500;

  /** Of all applications that somebody listens to, together: some ten megabytes. */
  private static final int MOST_FRAMES = 20_000;

  private static final int MOST_OF_ONE = 1000;

  /** Enough for who keeps up, of however many. */
  private static final int FEWEST_FRAMES = 50;

  /** What a reader is given at a time: he keeps them until he has taken them all. */
  private static final int CATCH_UP = 100;

  /** RFC 6455: the server restarts. */
  private static final int RESTARTS = 1012;

  private static final String STOPS = "this node stops";

  /** How long all goodbyes together may take. */
  private static final Duration GOODBYES = Duration.ofSeconds(2);

  private final EventStore events;
  private final LiveSettings settings;

  /**
   * A thousand readers that come back at once must not take the connections of what is sent, nor
   * those of one application all places to read.
   */
  private final SharedRoom reads = new SharedRoom(2, 1, Duration.ofSeconds(5));

  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final Map<Long, Tail> tails = new ConcurrentHashMap<>();
  private volatile boolean closed;

  public Feed(EventStore events, LiveSettings settings) {
    this.events = events;
    this.settings = settings;
  }

  @Override
  public Duration every() {
    return Duration.ofMillis(50);
  }

  @Override
  public int runOnce() {
    Map<Long, Long> seen = new HashMap<>();
    for (Connection connection : connections) {
      AppId app = connection.subscription().app();
      Tail tail = tails.get(app.value());
      if (tail == null) {
        tail = new Tail(events.extent(app).newest());
        tails.put(app.value(), tail);
      }
      seen.put(app.value(), tail.readUpTo());
    }
    tails.keySet().retainAll(seen.keySet());
    if (seen.isEmpty()) {
      return 0;
    }
    Map<Long, Long> newest = events.newest(seen);
    int full = 0;
    for (long app : newest.keySet()) {
      full += read(new AppId(app), seen.getOrDefault(app, 0L)) == PAGE ? 1 : 0;
    }
    int each = Math.clamp(MOST_FRAMES / tails.size(), FEWEST_FRAMES, MOST_OF_ONE);
    tails.values().forEach(tail -> tail.keep(each));
    for (Connection connection : connections) {
      Tail tail = tails.get(connection.subscription().app().value());
      // Not who has news now: a round that failed may have read some, and woken nobody.
      if (connection.isBehind() || (tail != null && connection.position() < tail.readUpTo())) {
        connection.wake();
      }
    }
    return full;
  }

  private int read(AppId app, long after) {
    Tail tail = tails.get(app.value());
    List<Event> more = tail == null ? List.of() : events.after(app, after, PAGE);
    if (tail != null) {
      tail.add(more);
    }
    return more.size();
  }

  /** The next events for a connection, from memory where they are there. */
  List<Tail.Frame> after(Subscription subscription, long seq) {
    Tail tail = tails.get(subscription.app().value());
    List<Tail.Frame> known = tail == null ? null : tail.after(seq, CATCH_UP);
    return known == null
        ? reads.with(
            subscription.app().value(),
            1,
            () ->
                events.after(subscription.app(), seq, CATCH_UP).stream()
                    .map(Tail.Frame::of)
                    .toList(),
            () -> {
              throw new Overloaded("live reads");
            })
        : known;
  }

  void add(Connection connection) {
    connections.add(connection);
    if (closed) {
      connection.close(RESTARTS, STOPS);
    } else if (isOver(connection.subscription().app())) {
      // Many that came at once were all let in before one of them was counted.
      connection.drop(Connection.TRY_AGAIN_LATER, "as many as may are connected");
    } else {
      connection.wake();
    }
  }

  private boolean isOver(AppId app) {
    return size() > settings.connections()
        || size(app.value()) > settings.connectionsPerApplication();
  }

  void remove(Connection connection) {
    connections.remove(connection);
  }

  Set<Connection> connections() {
    return Set.copyOf(connections);
  }

  /** Says goodbye to all, and lets nobody in any more. */
  void close() {
    closed = true;
    List<Thread> goodbyes = connections().stream().map(it -> it.close(RESTARTS, STOPS)).toList();
    long until = System.nanoTime() + GOODBYES.toNanos();
    for (Thread goodbye : goodbyes) {
      try {
        goodbye.join(Duration.ofNanos(Math.max(0, until - System.nanoTime())));
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Whether the node stops, and nobody may connect any more. */
  boolean isClosed() {
    return closed;
  }

  /** How many are connected to this node. */
  public int size() {
    return connections.size();
  }

  /** How many of them for one application. */
  public int size(long app) {
    return (int) connections.stream().filter(it -> it.subscription().app().value() == app).count();
  }
}
