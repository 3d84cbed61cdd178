package dev.postrider.queue;

import dev.postrider.platform.database.Transactions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The end of a graceful stop: runs under way finish, jobs that never started go back to the table
 * without an attempt being burned.
 */
@Component
class Drain implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(Drain.class);

  private static final Duration A_MOMENT = Duration.ofSeconds(2);

  private final Dispatcher dispatcher;
  private final List<Pool> pools;
  private final JobQueue queue;
  private final Transactions transactions;
  private final QueueSettings settings;
  private final List<JobHandler<?>> handlers;
  private volatile boolean running;

  Drain(
      Dispatcher dispatcher,
      List<Pool> pools,
      JobQueue queue,
      Transactions transactions,
      QueueSettings settings,
      List<JobHandler<?>> handlers) {
    this.dispatcher = dispatcher;
    this.pools = pools;
    this.queue = queue;
    this.transactions = transactions;
    this.settings = settings;
    this.handlers = handlers;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    int underWay = 0;
    for (Dispatcher one : dispatchers()) {
      underWay += one.running();
    }
    long end = System.nanoTime() + settings.drain().toNanos();
    int released = releaseUnstarted();
    boolean clean = awaitIdle(end);
    while (!clean && System.nanoTime() - end < 0) {
      // What was being committed when the drain began has been handed over meanwhile.
      released += releaseUnstarted();
      clean = awaitIdle(end);
    }
    log.atInfo()
        .addKeyValue("finished", underWay)
        .addKeyValue("released", released)
        .addKeyValue("clean", clean)
        .log("queue.drained");
  }

  private List<Dispatcher> dispatchers() {
    return Stream.concat(Stream.of(dispatcher), pools.stream().map(Pool::dispatcher)).toList();
  }

  /** Waits a moment, one after the other, but with one end for all. */
  private boolean awaitIdle(long latest) {
    long now = System.nanoTime();
    long end = now + Math.min(A_MOMENT.toNanos(), latest - now);
    boolean idle = true;
    for (Dispatcher one : dispatchers()) {
      idle &= one.awaitIdle(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }
    return idle;
  }

  private int releaseUnstarted() {
    int released = 0;
    for (Dispatcher one : dispatchers()) {
      List<Job> unstarted = one.stopStarting();
      unstarted.stream()
          .collect(Collectors.groupingBy(Job::kind))
          .forEach((kind, jobs) -> release(one, kind, jobs));
      released += unstarted.size();
    }
    return released;
  }

  private void release(Dispatcher from, String kind, List<Job> jobs) {
    try {
      Stream.concat(handlers.stream(), pools.stream().map(Pool::handler))
          .filter(handler -> handler.kind().equals(kind))
          .forEach(handler -> transactions.run(() -> release(handler, jobs)));
    } catch (RuntimeException e) {
      // Their leases run out by themselves; the next claim takes them.
      log.atWarn().addKeyValue("jobs", jobs.size()).setCause(e).log("queue.release_failed");
    } finally {
      jobs.forEach(from::done);
    }
  }

  private void release(JobHandler<?> handler, List<Job> jobs) {
    List<Finish.Back> back =
        jobs.stream().map(job -> new Finish.Back(job, Duration.ZERO, true)).toList();
    var held = queue.finish(back);
    handler.released(jobs.stream().filter(job -> held.contains(job.token())).toList());
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** After the loops have stopped (higher phases stop first). */
  @Override
  public int getPhase() {
    return 500;
  }
}
