package dev.postrider.webhook;

import dev.postrider.event.Event;
import dev.postrider.event.EventStore;
import dev.postrider.platform.Loop;
import dev.postrider.platform.Remembered;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.JobQueue;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    return transactions.call(() -> {
      List<Endpoint> behind = endpoints.behind(newest, last, ENDPOINTS);
      int more = behind.size() == ENDPOINTS ? 1 : 0;
      for (Endpoint endpoint : behind) {
        more += advance(endpoint) ? 1 : 0;
      }
      // Round they go: those that are full must not keep the others from their turn.
      last = behind.size() == ENDPOINTS ? behind.getLast().id() : 0;
      return more;
    });
  }

  /** Whether there may be more for it at once. */
  private boolean advance(Endpoint endpoint) {
    boolean full =
        queue.hasDue(Notify.KIND, endpoint.lane(), MOST_DUE)
            || notices.hasMoreThan(endpoint.id(), Notify.MOST_NOTICES);
    if (full) {
      return false;
    }
    List<Event> next = events.after(endpoint.app(), endpoint.cursor() - 1, EVENTS);
    if (next.isEmpty()) {
      return false;
    }
    long missed = next.getFirst().seq() - endpoint.cursor();
    if (missed > 0) {
      log.atWarn()
          .addKeyValue("endpoint_id", endpoint.id())
          .addKeyValue("events", missed)
          .log("webhook.events_too_old");
    }
    List<Long> wanted =
        next.stream().filter(it -> endpoint.wants(it.type())).map(Event::seq).toList();
    if (!wanted.isEmpty()) {
      notify.cut(endpoint, wanted.getFirst(), wanted.getLast());
    }
    endpoints.setCursor(endpoint.id(), next.getLast().seq() + 1);
    return next.size() == EVENTS;
  }
}
