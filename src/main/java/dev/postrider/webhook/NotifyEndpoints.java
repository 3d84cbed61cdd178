package dev.postrider.webhook;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postrider.event.Event;
import dev.postrider.event.EventStore;
import dev.postrider.platform.Remembered;
import dev.postrider.queue.Backoff;
import dev.postrider.queue.Chores;
import dev.postrider.queue.Dispatcher;
import dev.postrider.queue.Job;
import dev.postrider.queue.JobHandler;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.Pace;
import dev.postrider.webhook.SettleNotices.Told;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs notices: delivers their events one after the other until one is not taken. No database
 * connection is held during a call.
 *
 * <p>An endpoint that does not take a delivery rests a moment on this node, longer with each
 * failure in a row; then one delivery finds out whether it is back. Where its answer is about the
 * event, as far as one can tell, those after it do not wait: only many in a row are a failure.
 */
final class NotifyEndpoints implements JobHandler<NotifyEndpoints.Task> {
  private static final Logger log = LoggerFactory.getLogger(NotifyEndpoints.class);

  /**
   * For one notice's deliveries together (one, where there is a rate; none more, when the node
   * stops), before its job goes to the end of the line.
   */
  private static final Duration PER_RUN = Duration.ofSeconds(5);

  /** Between the longest run and the end of its lease. */
  private static final Duration MARGIN = Duration.ofSeconds(8);

  private static final Duration REMEMBERED = Duration.ofSeconds(1);

  /** Endpoints at work that are remembered. */
  private static final int AT_WORK = 1000;

  /** How many events are described at a time: all that a run may tell of would be much to hold. */
  private static final int AT_ONCE = 16;

  /** So many events in a row that were refused for themselves are the endpoint's failure. */
  private static final int A_FAILURE = 10;

  /** How soon an endpoint is looked at again whose secrets do not open. */
  private static final Duration SEALED = Duration.ofMinutes(1);

  private enum All {
    ENDPOINTS
  }

  /**
   * A notice and whom it is for.
   *
   * @param paced whether the claim knew of the endpoint's rate
   */
  record Task(Notice notice, Endpoint endpoint, boolean paced) {}

  private final EndpointStore endpoints;
  private final NoticeStore notices;
  private final EventStore events;
  private final DescribeEvents describe;
  private final WebhookClient client;
  private final SettleNotices settle;
  private final JobQueue queue;
  private final Dispatcher dispatcher;
  private final Chores chores;
  private final RandomGenerator random;
  private final Backoff pauses;
  private final Duration timeout;
  private final Duration lease;
  private final Remembered<All, Set<Long>> disabled;
  private final Remembered<All, Map<Long, Integer>> rates;
  private final Remembered<Long, Optional<Endpoint>> current;

  /** Those whose rate the claim that is being made knows of. */
  private volatile Set<Long> pacedNow = Set.of();

  /** Refusals in a row by endpoint; what says that it is out weighs {@link #A_FAILURE}. */
  private final Cache<Long, Integer> failures =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofHours(1)).build();

  /** What it works with; too much to hand over one by one. */
  record Parts(
      EndpointStore endpoints,
      NoticeStore notices,
      EventStore events,
      DescribeEvents describe,
      WebhookClient client,
      SettleNotices settle,
      JobQueue queue,
      RandomGenerator random,
      WebhookSettings settings,
      Duration lease) {}

  NotifyEndpoints(Parts parts, Dispatcher dispatcher, Chores chores) {
    this.endpoints = parts.endpoints();
    this.notices = parts.notices();
    this.events = parts.events();
    this.describe = parts.describe();
    this.client = parts.client();
    this.settle = parts.settle();
    this.queue = parts.queue();
    this.random = parts.random();
    this.timeout = parts.settings().timeout();
    this.lease = parts.lease();
    this.pauses = new Backoff(parts.settings().firstPause(), 2, parts.settings().longestPause());
    this.dispatcher = dispatcher;
    this.chores = chores;
    this.disabled = new Remembered<>(REMEMBERED, 1, _ -> endpoints.disabled());
    this.rates = new Remembered<>(REMEMBERED, 1, _ -> endpoints.rates());
    this.current =
        new Remembered<>(
            REMEMBERED, AT_WORK, id -> Optional.ofNullable(endpoints.find(Set.of(id)).get(id)));
  }

  @Override
  public String kind() {
    return Notify.KIND;
  }

  @Override
  public Set<Long> heldLanes() {
    return disabled.get(All.ENDPOINTS).stream().map(Endpoint::lane).collect(Collectors.toSet());
  }

  @Override
  public Map<Long, Pace> paces() {
    Map<Long, Pace> paces = new HashMap<>();
    Map<Long, Integer> known = rates.get(All.ENDPOINTS);
    pacedNow = known.keySet();
    known.forEach((endpoint, rate) ->
        paces.put(
            Endpoint.lane(endpoint),
            new Pace(Duration.ofSeconds(1).dividedBy(rate), Duration.ZERO)));
    return paces;
  }

  @Override
  public List<Work<Task>> claimed(List<Job> jobs) {
    Map<Long, Notice> found = new HashMap<>();
    notices
        .find(jobs.stream().map(Job::id).toList())
        .forEach(notice -> found.put(notice.id(), notice));
    Map<Long, Endpoint> of =
        endpoints.find(new HashSet<>(found.values().stream().map(Notice::endpoint).toList()));
    List<Work<Task>> works = new ArrayList<>();
    for (Job job : jobs) {
      Notice notice = found.get(job.id());
      Endpoint endpoint = notice == null ? null : of.get(notice.endpoint());
      if (notice != null && endpoint != null) {
        works.add(new Work<>(job, new Task(notice, endpoint, pacedNow.contains(endpoint.id()))));
      }
    }
    return works;
  }

  @Override
  public void run(Work<Task> work) {
    chores.run(work.job(), () -> tell(work.job(), work.payload()));
  }

  private void tell(Job job, Task task) {
    Endpoint endpoint = task.endpoint();
    if (endpoint.perSecond() != null && !task.paced()) {
      rates.forgetAll();
      settle.putBack(job, Duration.ofSeconds(1));
      return;
    }
    Duration rest = dispatcher.pausedFor(job.lane());
    if (rest.isPositive() || endpoint.disabledAt() != null) {
      settle.putBack(job, rest.isPositive() ? rest : Duration.ofSeconds(1));
      return;
    }
    if (endpoint.secrets().isEmpty()) {
      // Nothing can be signed for it until somebody mends that.
      log.atWarn().addKeyValue("endpoint_id", endpoint.id()).log("webhook.secrets_sealed");
      dispatcher.pause(job.lane(), SEALED);
      settle.putBack(job, SEALED);
      return;
    }
    Duration longest = PER_RUN.plus(timeout).plus(MARGIN);
    // A fresh claim is still ours, and its endpoint was there a moment ago.
    boolean outlastsLease = job.age(System.nanoTime()).plus(longest).compareTo(lease) > 0;
    if (outlastsLease && !queue.begin(job, longest, false)) {
      return; // somebody else has it
    }
    long start = System.nanoTime();
    deliver(job, task, start);
    dispatcher.called(job, Duration.ofNanos(System.nanoTime() - start));
  }

  private void deliver(Job job, Task task, long start) {
    Endpoint endpoint = task.endpoint();
    List<Delivery> deliveries = new ArrayList<>();
    Kept kept = kept(endpoint, task.notice());
    if (kept.events().isEmpty() && kept.upTo() < task.notice().last()) {
      settle.putBack(job, Duration.ofSeconds(1)); // of a type that a newer node knows
      return;
    }
    List<Event> wanted =
        kept.events().stream().filter(it -> it.type().isIn(endpoint.types())).toList();
    WebhookClient.Target target = client.target(endpoint);
    List<WebhookClient.Payload> described = List.of();
    for (int i = 0; i < wanted.size(); i++) {
      described = described(job, endpoint, wanted, i, described);
      boolean paced = endpoint.perSecond() != null && !deliveries.isEmpty();
      if (described.isEmpty()
          || paced
          || dispatcher.isDraining()
          || System.nanoTime() - start > PER_RUN.toNanos()) {
        settle.settle(job, task, deliveries, new Told.UpTo(wanted.get(i).seq()));
        return;
      }
      WebhookClient.Result result = client.deliver(target, described.get(i % AT_ONCE));
      deliveries.add(result.delivery());
      if (!result.delivery().isDelivered()) {
        failed(job, endpoint, result);
        settle.settle(job, task, deliveries, new Told.Refused(wanted.get(i).seq(), result));
        return;
      }
      failures.invalidate(endpoint.id());
      dispatcher.succeeded(job.lane());
    }
    settle.settle(
        job,
        task,
        deliveries,
        kept.upTo() < task.notice().last() ? new Told.UpTo(kept.upTo() + 1) : new Told.All());
  }

  /**
   * A few events described, this one among them; none where the run ends before it, because its
   * endpoint was changed, or the database cannot be asked after something was delivered: that is
   * written down, as far as that goes.
   *
   * @param before those that were described last
   */
  private List<WebhookClient.Payload> described(
      Job job,
      Endpoint endpoint,
      List<Event> wanted,
      int event,
      List<WebhookClient.Payload> before) {
    try {
      // A fresh claim knows better than what is remembered.
      boolean fresh = event == 0 && job.age(System.nanoTime()).compareTo(REMEMBERED) < 0;
      if (!fresh && isChanged(endpoint)) {
        return List.of();
      }
      return event % AT_ONCE == 0
          ? describe.describe(
              endpoint.app(), wanted.subList(event, Math.min(event + AT_ONCE, wanted.size())))
          : before;
    } catch (RuntimeException e) {
      if (event == 0) {
        throw e;
      }
      return List.of();
    }
  }

  /**
   * What the log still holds of a notice.
   *
   * @param upTo the last event that was read, or is not kept any more
   */
  private record Kept(List<Event> events, long upTo) {}

  private Kept kept(Endpoint endpoint, Notice notice) {
    int most = (int) (notice.last() - notice.next() + 1);
    List<Event> kept =
        events.after(endpoint.app(), notice.next() - 1, most).stream()
            .filter(event -> event.seq() <= notice.last())
            .toList();
    if (!kept.isEmpty() && kept.getFirst().seq() == notice.next()) {
      return new Kept(kept, kept.getLast().seq());
    }
    long forgotten = events.extent(endpoint.app()).oldest() - 1;
    if (forgotten >= notice.next()) {
      CutNotices.tooOld(endpoint.id(), Math.min(forgotten, notice.last()) - notice.next() + 1);
    }
    return new Kept(kept, kept.isEmpty() ? forgotten : kept.getLast().seq());
  }

  /** Whether somebody changed, disabled or deleted it since this claim, as of a second ago. */
  private boolean isChanged(Endpoint endpoint) {
    boolean same = current.get(endpoint.id()).filter(endpoint::isToldAlike).isPresent();
    if (!same) {
      // The claim may know it better than what is remembered: the next one is not compared to that.
      current.forget(endpoint.id());
    }
    return !same;
  }

  private void failed(Job job, Endpoint endpoint, WebhookClient.Result result) {
    if (dispatcher.pausedFor(endpoint.lane()).isPositive()) {
      return; // began before the one that failed first
    }
    boolean ofTheEvent = result.isOfTheEvent();
    if (ofTheEvent && job.counted() > 0) {
      return; // as before
    }
    int inARow = failures.asMap().merge(endpoint.id(), ofTheEvent ? 1 : A_FAILURE, Integer::sum);
    if (inARow < A_FAILURE) {
      return;
    }
    // No longer, whatever it asks for: it may be mended, or moved, before that is over.
    dispatcher.pause(endpoint.lane(), pauses.after(inARow / A_FAILURE, random));
  }

  @Override
  public void released(List<Job> jobs) {}

  @Override
  public void rescued(List<JobQueue.Expired> jobs) {}
}
