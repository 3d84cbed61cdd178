package dev.postrider.circuit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postrider.circuit.Order.Forced;
import dev.postrider.platform.MonotonicClock;
import dev.postrider.platform.Wired;
import dev.postrider.queue.Dispatcher;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The circuits of all senders, as this node sees them. While one is open, nothing of its sender is
 * claimed or started here; the first call after it is a probe, and each that gets through lets
 * twice as many run.
 *
 * <p>A sender has a circuit from its first failure until none of its latest calls failed: the happy
 * path looks for one and finds none. What a person ordered holds on every node within a second.
 */
@Wired
public class Circuits {
  private static final Logger log = LoggerFactory.getLogger(Circuits.class);
  private static final int MOST = 10_000;

  /** Longer than the longest wait a provider may ask for. */
  private static final Duration FORGOTTEN_AFTER = Duration.ofHours(2);

  private final Cache<Long, Circuit> circuits =
      Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(FORGOTTEN_AFTER).build();

  /** When a circuit opened last, by the monotonic clock; for longer than any call takes. */
  private final Cache<Long, Long> openedAt =
      Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(Duration.ofMinutes(5)).build();

  private final CircuitStore store;
  private final MonotonicClock clock = new MonotonicClock();
  private final InstantSource time;
  private final CircuitSettings settings;
  private final Dispatcher dispatcher;
  private final CircuitMetrics metrics;
  private final RandomGenerator random;

  /** What people ordered, as it was read last; null before the first time. */
  private volatile @Nullable Map<Long, Order> orders;

  public Circuits(
      CircuitStore store,
      CircuitSettings settings,
      Dispatcher dispatcher,
      CircuitMetrics metrics,
      RandomGenerator random,
      InstantSource time) {
    this.time = time;
    this.store = store;
    this.settings = settings;
    this.dispatcher = dispatcher;
    this.metrics = metrics;
    this.random = random;
  }

  /** Senders of which nothing goes until a person says so. */
  public Set<Long> forcedOpen() {
    return orders().entrySet().stream()
        .filter(it -> it.getValue().forced() == Forced.OPEN)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Senders of which a person has said whether they go. */
  Set<Long> forced() {
    return orders().entrySet().stream()
        .filter(it -> it.getValue().forced() != null)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Whether nothing of this sender goes until a person says so. */
  public boolean isForcedOpen(long sender) {
    return forced(sender) == Forced.OPEN;
  }

  /** What a person last said of a sender; null when nobody did. */
  public @Nullable Order order(long sender) {
    return orders().get(sender);
  }

  /** Whether a call of this sender may be made now; one that may must be reported afterwards. */
  public boolean permits(long sender) {
    Forced forced = forced(sender);
    if (forced != null) {
      return forced == Forced.CLOSED;
    }
    Circuit circuit = circuits.getIfPresent(sender);
    return circuit == null || circuit.permits();
  }

  /** A call was answered clearly, if only to say no: the provider is there. */
  public void succeeded(long sender) {
    Circuit circuit = circuits.getIfPresent(sender);
    if (circuit != null) {
      long now = System.nanoTime();
      note(sender, circuit, circuit.succeeded(), now);
      if (circuit.isQuiet()) {
        circuits.invalidate(sender);
      }
    }
    dispatcher.succeeded(sender);
  }

  /** A call that was permitted was not made: another one finds out. */
  public void notCalled(long sender) {
    Circuit circuit = circuits.getIfPresent(sender);
    if (circuit != null) {
      circuit.notCalled();
    }
  }

  /**
   * A call ended without a clear answer.
   *
   * @param began {@link System#nanoTime} when it began
   */
  public void failed(long sender, String code, long began) {
    if (wasForced(sender) || isFromBefore(sender, began)) {
      return;
    }
    Circuit circuit = circuit(sender);
    long now = System.nanoTime();
    note(sender, circuit, circuit.failed(code), now);
  }

  /**
   * The provider takes nothing from this sender now.
   *
   * @param atLeast for as long as it asked for; zero when it did not say
   * @param began {@link System#nanoTime} when the call began
   * @return how long the sender rests from now
   */
  public Duration putOff(long sender, Duration atLeast, String code, long began) {
    if (wasForced(sender)) {
      // Whoever closed it by hand wants calls made, one at a time: all that waits would be called
      // and put off again and again. What the provider asked for is kept.
      Duration rest = longer(atLeast, settings.firstWait());
      dispatcher.pause(sender, rest);
      return rest;
    }
    if (!atLeast.isPositive() && isFromBefore(sender, began)) {
      return longer(dispatcher.pausedFor(sender), settings.firstWait());
    }
    Circuit circuit = circuit(sender);
    long now = System.nanoTime();
    Duration wait = circuit.putOff(atLeast, code);
    if (wait.compareTo(dispatcher.pausedFor(sender)) > 0) {
      opened(sender, circuit, wait, now);
    }
    return wait;
  }

  /** What began before the circuit opened last says nothing of the time after it. */
  private boolean isFromBefore(long sender, long began) {
    Long opened = openedAt.getIfPresent(sender);
    return opened != null && began - opened < 0;
  }

  /** Senders whose circuit is not closed on this node. */
  public Set<Long> notClosed() {
    return standing().keySet();
  }

  /** Circuits that are not closed on this node. */
  Map<Long, Circuit.Standing> standing() {
    // What others compare it with goes by the database's clock, which may be set.
    // In whole seconds: the same circuit is told the same from one look to the next.
    long millis = Duration.between(clock.instant(), time.instant()).toMillis();
    Duration off = Duration.ofSeconds(Math.floorDiv(millis + 500, 1000));
    Map<Long, Circuit.Standing> standing = new HashMap<>();
    circuits
        .asMap()
        .forEach((sender, circuit) -> {
          Circuit.Standing now = circuit.standing();
          if (now != null) {
            standing.put(sender, now.movedBy(off));
          }
        });
    return standing;
  }

  /**
   * Reads what people ordered. Whatever it is, what was learned before is forgotten: the person
   * knows better.
   */
  synchronized Map<Long, Order> follow() {
    Map<Long, Order> now = store.orders();
    Map<Long, Order> before = orders == null ? Map.of() : orders;
    now.forEach((sender, order) -> {
      if (!order.equals(before.get(sender))) {
        circuits.invalidate(sender);
        dispatcher.unpause(sender);
      }
    });
    orders = now;
    return now;
  }

  private Map<Long, Order> orders() {
    Map<Long, Order> known = orders;
    return known == null ? follow() : known;
  }

  /** As far as is known without asking: a call that was made must not be taken for none. */
  private boolean wasForced(long sender) {
    Map<Long, Order> known = orders;
    Order order = known == null ? null : known.get(sender);
    return order != null && order.forced() != null;
  }

  private @Nullable Forced forced(long sender) {
    Order order = order(sender);
    return order == null ? null : order.forced();
  }

  private Circuit circuit(long sender) {
    return Objects.requireNonNull(
        circuits.get(sender, _ -> new Circuit(settings, random, clock)), "a new one is there");
  }

  private void note(long sender, Circuit circuit, Circuit.Change change, long before) {
    if (change.opened() != null) {
      opened(sender, circuit, change.opened(), before);
    } else if (change.closed()) {
      metrics.changed("closed");
      log.atInfo().addKeyValue("sender_id", sender).log("circuit.closed");
    }
  }

  /**
   * A circuit has opened.
   *
   * @param before a moment before it did: a probe may have begun since, and its end counts
   */
  private void opened(long sender, Circuit circuit, Duration wait, long before) {
    openedAt.put(sender, before);
    // After the circuit's own wait began, so that it is over when the dispatcher goes on.
    dispatcher.pause(sender, wait);
    Circuit.Standing standing = circuit.standing();
    if (standing != null) {
      metrics.changed("open");
      log.atWarn()
          .addKeyValue("sender_id", sender)
          .addKeyValue("code", standing.code())
          .addKeyValue("openings", standing.openings())
          .addKeyValue("wait_ms", wait.toMillis())
          .log("circuit.opened");
    }
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
