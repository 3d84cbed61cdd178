package dev.postrider.webhook;

import dev.postrider.event.EventType;
import dev.postrider.event.RecordEvents;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.Finish;
import dev.postrider.queue.Job;
import dev.postrider.queue.JobQueue;
import dev.postrider.webhook.NoticeStore.Range;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what became of a notice: its job, what is left of it, its deliveries, its endpoint.
 */
@Wired
class SettleNotices {
  private static final Logger log = LoggerFactory.getLogger(SettleNotices.class);

  /** Why an endpoint was disabled. */
  static final String GONE = "gone";

  static final String FAILING = "failing";

  /** After so many an event that keeps others from their endpoint has one try left. */
  private static final int FEWEST_TRIES = 4;

  /** An endpoint that took something in this time takes events, and refuses some. */
  private static final Duration STEADY = Duration.ofMinutes(5);

  private final EndpointStore endpoints;
  private final NoticeStore notices;
  private final DeliveryStore deliveryLog;
  private final Notify notify;
  private final RecordEvents record;
  private final JobQueue queue;
  private final Transactions transactions;
  private final WebhookSettings settings;
  private final InstantSource clock;
  private final RandomGenerator random;

  SettleNotices(
      EndpointStore endpoints,
      NoticeStore notices,
      DeliveryStore deliveryLog,
      Notify notify,
      RecordEvents record,
      JobQueue queue,
      Transactions transactions,
      WebhookSettings settings,
      InstantSource clock,
      RandomGenerator random) {
    this.endpoints = endpoints;
    this.notices = notices;
    this.deliveryLog = deliveryLog;
    this.notify = notify;
    this.record = record;
    this.queue = queue;
    this.transactions = transactions;
    this.settings = settings;
    this.clock = clock;
    this.random = random;
  }

  /** How far a notice came. */
  sealed interface Told {
    /** All of it. */
    record All() implements Told {}

    /** Its time was over before this event's turn. */
    record UpTo(long next) implements Told {}

    /** This event was not taken. */
    record Refused(long seq, WebhookClient.Result result) implements Told {}
  }

  void putBack(Job job, Duration after) {
    transactions.run(() -> queue.finish(List.of(new Finish.Back(job, after, false))));
  }

  void settle(Job job, NotifyEndpoints.Task task, List<Delivery> deliveries, Told told) {
    transactions.run(() -> {
      if (!deliveries.isEmpty()) {
        deliveryLog.log(task.endpoint().id(), deliveries);
      }
      switch (told) {
        case Told.All _ -> {
          // Of types that it does not want any more. Its row before its jobs, as everywhere.
          boolean untold = deliveries.isEmpty() && endpoints.isFailing(task.endpoint().id());
          if (finish(new Finish.Done(job))) {
            notices.delete(task.notice().id());
            if (untold) {
              endpoints.ends(task.endpoint().id());
            }
          }
        }
        case Told.UpTo(var next) -> {
          if (finish(new Finish.Back(job, Duration.ofMillis(1), false))) {
            notices.shrink(task.notice().id(), new Range(next, task.notice().last()));
          }
        }
        case Told.Refused refused -> refused(job, task, refused);
      }
    });
  }

  private boolean finish(Finish finish) {
    return !queue.finish(List.of(finish)).isEmpty();
  }

  /** It alone is tried again; those after it do not wait for it. */
  private void refused(Job job, NotifyEndpoints.Task task, Told.Refused refused) {
    Notice notice = task.notice();
    Endpoint endpoint = task.endpoint();
    // The endpoint's row before its jobs and notices, as everywhere.
    Optional<Duration> failing = endpoints.fails(endpoint);
    boolean last = failing.isPresent() && isLast(endpoint, job, refused, failing.get());
    if (!finish(last ? new Finish.Done(job) : again(job, refused))) {
      return; // somebody else has it; the receiver may see some of it twice
    }
    if (last) {
      notices.delete(notice.id());
      endpoints.ends(endpoint.id());
      log.atWarn()
          .addKeyValue("endpoint_id", endpoint.id())
          .addKeyValue("seq", refused.seq())
          .addKeyValue("code", refused.result().delivery().code())
          .log("webhook.given_up");
    } else {
      notices.shrink(notice.id(), new Range(refused.seq(), refused.seq()));
    }
    if (refused.seq() < notice.last()) {
      notify.enqueue(
          endpoint.id(), endpoint.app(), List.of(new Range(refused.seq() + 1, notice.last())));
    }
    failing.ifPresent(time -> {
      if (refused.result().isGone()) {
        disable(endpoint, GONE);
      } else if (time.compareTo(settings.disableAfter()) > 0) {
        disable(endpoint, FAILING);
      }
    });
  }

  private boolean isLast(Endpoint endpoint, Job job, Told.Refused refused, Duration failing) {
    // While nothing at all is taken, it is not this event's fault: it waits for the endpoint.
    boolean isOut = refused.result().isGone() || failing.compareTo(settings.allRetries()) > 0;
    return !isOut
        && (job.counted() >= settings.retryAfter().size()
            || isInTheWay(endpoint, job, refused, failing));
  }

  /**
   * Of so many that an endpoint refuses while it takes others: where nothing new was cut for it any
   * more, it would miss what it would have taken.
   */
  private boolean isInTheWay(Endpoint endpoint, Job job, Told.Refused refused, Duration failing) {
    boolean tried = job.counted() >= FEWEST_TRIES;
    return (tried || refused.result().isOfTheEvent())
        && failing.compareTo(STEADY) < 0
        && notices.hasMoreThan(
            endpoint.id(), tried ? Notify.MANY_NOTICES : Notify.TOO_MANY_NOTICES);
  }

  private Finish again(Job job, Told.Refused refused) {
    List<Duration> waits = settings.retryAfter();
    Duration scheduled = waits.get(Math.min(job.counted(), waits.size() - 1));
    Duration asked = refused.result().retryAfter().orElse(Duration.ZERO);
    Duration least = asked.compareTo(scheduled) > 0 ? asked : scheduled;
    // Jitter only adds: what failed together does not come back together.
    long jitter = random.nextLong(least.toMillis() / 5 + 1);
    return new Finish.Again(
        job.withPriority(Notify.REFUSED), least.plusMillis(jitter), true, false);
  }

  private void disable(Endpoint endpoint, String why) {
    if (endpoints.disable(endpoint.id(), why)) {
      log.atWarn()
          .addKeyValue("endpoint_id", endpoint.id())
          .addKeyValue("app_id", endpoint.app().value())
          .addKeyValue("why", why)
          .log("webhook.endpoint_disabled");
      record.record(
          List.of(
              new RecordEvents.Change(
                  endpoint.app(),
                  EventType.ENDPOINT_DISABLED,
                  endpoint.id(),
                  clock.instant(),
                  why)));
    }
  }
}
