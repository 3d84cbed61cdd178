package dev.postrider.webhook;

import dev.postrider.event.Event;
import dev.postrider.event.EventStore;
import dev.postrider.event.EventType;
import dev.postrider.platform.Loop;
import dev.postrider.platform.Remembered;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.JobQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads each endpoint's log from where it stands and cuts notices from it. The step and the notices
 * are one transaction: nothing is left out, whatever dies. Messages pay nothing for it.
 *
 * <p>An endpoint that is not taking its notices gets no more of them meanwhile: the log keeps what
 * it has not seen.
 */
@Wired
public class CutNotices implements Loop {
  private static final Logger log = LoggerFactory.getLogger(CutNotices.class);
  private static final Duration REMEMBERED = Duration.ofSeconds(1);
  private static final int ENDPOINTS = 100;
  private static final int EVENTS = 1000;

  /** Of those that were not tried yet: what was refused waits for its own turn. */
  private static final int MOST_DUE = 200;

  private final EndpointStore endpoints;
  private final NoticeStore notices;
  private final EventStore events;
  private final Notify notify;
  private final JobQueue queue;
  private final Transactions transactions;

  /** Who may be behind; what is read below decides. */
  private final Remembered<All, Map<Long, Long>> cursors;

  private enum All {
    APPS
  }

  /** The endpoint that was looked at last. */
  private long last;

  public CutNotices(
      EndpointStore endpoints,
      NoticeStore notices,
      EventStore events,
      Notify notify,
      JobQueue queue,
      Transactions transactions) {
    this.endpoints = endpoints;
    this.notices = notices;
    this.events = events;
    this.notify = notify;
    this.queue = queue;
    this.transactions = transactions;
    this.cursors = new Remembered<>(REMEMBERED, 1, _ -> endpoints.cursors());
  }

  @Override
  public Duration every() {
    return Duration.ofMillis(100);
  }

  @Override
  public int runOnce() {
    Map<Long, Long> before = new HashMap<>();
    cursors.get(All.APPS).forEach((app, cursor) -> before.put(app, cursor - 1));
    Map<Long, Long> newest = before.isEmpty() ? before : events.newest(before);
    if (newest.isEmpty()) {
      return 0;
    }
    List<EndpointStore.Behind> behind = endpoints.behind(newest, last, ENDPOINTS);
    List<Step> steps = new ArrayList<>();
    for (EndpointStore.Behind endpoint : behind) {
      if (!isFull(endpoint)) {
        step(endpoint).ifPresent(steps::add);
      }
    }
    // What was read does not change: only the steps themselves hold the endpoints' rows.
    transactions.run(() -> steps.forEach(this::take));
    // Round they go: those that are full must not keep the others from their turn.
    last = behind.size() == ENDPOINTS ? behind.getLast().id() : 0;
    boolean more = behind.size() == ENDPOINTS || steps.stream().anyMatch(Step::isWhole);
    return more ? 1 : 0;
  }

  /**
   * A step of an endpoint through its log.
   *
   * @param cut the first and the last of the events it wants; null when it wants none of them
   * @param next where it stands then
   * @param isWhole whether there may be more for it at once
   */
  private record Step(
      EndpointStore.Behind of, NoticeStore.@Nullable Range cut, long next, boolean isWhole) {}

  private boolean isFull(EndpointStore.Behind endpoint) {
    return queue.hasDue(Notify.KIND, Endpoint.lane(endpoint.id()), Notify.UNTRIED, MOST_DUE)
        || notices.hasMoreThan(endpoint.id(), Notify.MOST_NOTICES);
  }

  private Optional<Step> step(EndpointStore.Behind endpoint) {
    List<Event> next = events.after(endpoint.app(), endpoint.cursor() - 1, EVENTS);
    if (next.isEmpty()) {
      return Optional.empty();
    }
    long missed = next.getFirst().seq() - endpoint.cursor();
    if (missed > 0) {
      tooOld(endpoint.id(), missed);
    }
    Set<EventType> types = endpoint.types();
    List<Long> wanted = next.stream().filter(it -> it.type().isIn(types)).map(Event::seq).toList();
    return Optional.of(
        new Step(
            endpoint,
            wanted.isEmpty() ? null : new NoticeStore.Range(wanted.getFirst(), wanted.getLast()),
            next.getLast().seq() + 1,
            next.size() == EVENTS));
  }

  /** Unless another node took it, or somebody changed the endpoint. */
  private void take(Step step) {
    EndpointStore.Behind of = step.of();
    if (endpoints.advance(of, step.next()) && step.cut() != null) {
      notify.cut(of.id(), of.app(), step.cut());
    }
  }

  /** Events that an endpoint was not told of, because the log does not hold them any more. */
  static void tooOld(long endpoint, long events) {
    log.atWarn()
        .addKeyValue("endpoint_id", endpoint)
        .addKeyValue("events", events)
        .log("webhook.events_too_old");
  }
}
