package dev.postrider.queue;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Text;
import dev.postrider.platform.Wired;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queue's depth and age, sampled: a scrape never asks the database. */
@Wired
public class QueueMetrics implements Loop {
  private static final Logger log = LoggerFactory.getLogger(QueueMetrics.class);

  /** Tags: kind; state "waiting", "scheduled", "claimed". */
  public static final String JOBS = "postrider.queue.jobs";

  /** Age of the oldest due job in seconds. Tags: kind. */
  public static final String OLDEST = "postrider.queue.oldest.seconds";

  /** How long claims take that found something, their commit included. Tags: kind. */
  public static final String CLAIM = "postrider.queue.claim";

  /** Runs under way on this node, webhooks not among them. */
  public static final String RUNNING = "postrider.dispatcher.running";

  /** Jobs claimed by this node and not yet finished, webhooks not among them. */
  public static final String CLAIMED = "postrider.dispatcher.claimed";

  private static final Duration SAMPLED = Duration.ofSeconds(10);

  /** A count that takes so long is ended (statement_timeout), and is not to be begun again soon. */
  private static final Duration TOO_LONG = Duration.ofSeconds(8);

  private final JobQueue queue;
  private final MeterRegistry registry;
  private final List<String> kinds = new CopyOnWriteArrayList<>();
  private final Map<String, JobQueue.Depth> depths = new ConcurrentHashMap<>();
  private final Map<String, Timer> claims = new ConcurrentHashMap<>();
  private volatile Duration lastTook = Duration.ZERO;

  public QueueMetrics(
      JobQueue queue, List<JobHandler<?>> handlers, Dispatcher dispatcher, MeterRegistry registry) {
    this.queue = queue;
    this.registry = registry;
    Gauge.builder(RUNNING, dispatcher, Dispatcher::running).register(registry);
    Gauge.builder(CLAIMED, dispatcher, Dispatcher::claimed).register(registry);
    handlers.forEach(handler -> watch(handler.kind()));
  }

  /** Samples one more kind of job, which has places of its own. */
  final void watch(String kind) {
    claims.put(
        kind,
        Timer.builder(CLAIM).tag("kind", kind).publishPercentiles(0.5, 0.99).register(registry));
    depths.put(kind, new JobQueue.Depth(0, 0, 0, 0));
    gauge(kind, "waiting", JobQueue.Depth::waiting);
    gauge(kind, "scheduled", JobQueue.Depth::scheduled);
    gauge(kind, "claimed", JobQueue.Depth::claimed);
    Gauge.builder(OLDEST, () -> depth(kind).oldestDueSeconds())
        .tag("kind", kind)
        .register(registry);
    kinds.add(kind);
  }

  private void gauge(
      String kind, String state, java.util.function.ToLongFunction<JobQueue.Depth> count) {
    Gauge.builder(JOBS, () -> count.applyAsLong(depth(kind)))
        .tag("kind", kind)
        .tag("state", state)
        .register(registry);
  }

  void claimed(String kind, long nanos) {
    Timer timer = claims.get(kind);
    if (timer != null) {
      timer.record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  /** The depth as last sampled. */
  public JobQueue.Depth depth(String kind) {
    return depths.getOrDefault(kind, new JobQueue.Depth(0, 0, 0, 0));
  }

  /** Counting a backlog of millions takes its time: never more than a hundredth of it. */
  @Override
  public Duration every() {
    Duration rest = lastTook.multipliedBy(100);
    return rest.compareTo(SAMPLED) > 0 ? rest : SAMPLED;
  }

  @Override
  public int runOnce() {
    long start = System.nanoTime();
    RuntimeException failure = null;
    for (String kind : kinds) {
      try {
        depths.put(kind, queue.depth(kind));
      } catch (RuntimeException e) {
        failure = e; // of this kind: the others are counted all the same
      }
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    if (failure != null && took.compareTo(TOO_LONG) < 0) {
      throw failure; // the database is away: soon it is back
    }
    if (failure != null) {
      log.atWarn()
          .addKeyValue("took_ms", took.toMillis())
          .addKeyValue("cause", Text.cleaned(String.valueOf(failure), 200))
          .log("queue.not_counted");
    }
    lastTook = took;
    return 0;
  }
}
