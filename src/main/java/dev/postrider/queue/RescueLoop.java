package dev.postrider.queue;

import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes back jobs whose lease ran out: their node crashed, hangs, or lost the database. With the
 * default settings a job is back at work at most 36 seconds after its node died (lease 30, sweep
 * 5); one of a provider whose calls may take longer, when the lease of its call has run out. After
 * a jump of the database's clock nothing is taken back for as long as a lease may hold.
 */
@Wired
public class RescueLoop implements Loop {
  private static final Logger log = LoggerFactory.getLogger(RescueLoop.class);
  private static final int BATCH = 500;

  private final JobQueue queue;
  private final Transactions transactions;
  private final QueueSettings settings;
  private final List<JobHandler<?>> handlers;
  private final ClockGuard clock;

  public RescueLoop(
      JobQueue queue,
      Transactions transactions,
      QueueSettings settings,
      List<JobHandler<?>> handlers) {
    this.queue = queue;
    this.transactions = transactions;
    this.settings = settings;
    this.handlers = handlers;
    this.clock = new ClockGuard(settings.longestLease());
  }

  @Override
  public Duration every() {
    return settings.sweep();
  }

  @Override
  public int runOnce() {
    if (!leasesCanBeTold()) {
      return 0;
    }
    int rescued = 0;
    RuntimeException failure = null;
    for (JobHandler<?> handler : handlers) {
      try {
        rescued += transactions.call(() -> rescue(handler));
      } catch (RuntimeException e) {
        failure = e; // of this kind: the others' are rescued all the same
      }
    }
    if (rescued > 0) {
      log.atWarn().addKeyValue("jobs", rescued).log("jobs.rescued");
    }
    if (failure != null) {
      throw failure;
    }
    return rescued;
  }

  private boolean leasesCanBeTold() {
    long asked = System.nanoTime();
    Instant now = queue.now();
    long answered = System.nanoTime();
    Duration ahead = clock.note(now, asked, answered);
    if (ahead.isPositive()) {
      log.atError()
          .addKeyValue("ahead_ms", ahead.toMillis())
          .addKeyValue("no_rescue_for_s", settings.longestLease().toSeconds())
          .log("database.clock_jumped");
    }
    return clock.isTrusted(answered);
  }

  private int rescue(JobHandler<?> handler) {
    List<JobQueue.Expired> expired = queue.rescue(handler.kind(), BATCH);
    if (!expired.isEmpty()) {
      handler.rescued(expired);
    }
    return expired.size();
  }
}
