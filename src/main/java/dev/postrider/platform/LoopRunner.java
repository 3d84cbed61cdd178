package dev.postrider.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Runs each of its {@link Loop}s on a thread of its own: again at once while there is more to do,
 * after a pause when there is not, after a longer pause when it failed.
 */
final class LoopRunner implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(LoopRunner.class);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final List<Loop> loops;
  private final int phase;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean running;

  /**
   * @param phase when they stop: higher ones first
   */
  LoopRunner(List<Loop> loops, int phase) {
    this.loops = loops;
    this.phase = phase;
  }

  @Override
  public void start() {
    running = true;
    for (Loop loop : loops) {
      String name = loop.getClass().getSimpleName();
      threads.add(Thread.ofPlatform().daemon().name(name).start(() -> run(loop, name)));
    }
  }

  private void run(Loop loop, String name) {
    int failures = 0;
    while (running) {
      try {
        int done = loop.runOnce();
        failures = 0;
        if (done == 0) {
          LockSupport.parkNanos(loop.every().toNanos());
        }
      } catch (RuntimeException | Error e) {
        failures++;
        // One line when it starts to fail and one a minute or so after: an outage is not a flood.
        if (failures == 1 || failures % 20 == 0) {
          log.atWarn()
              .addKeyValue("loop", name)
              .addKeyValue("failures", failures)
              .addKeyValue("cause", Text.cleaned(String.valueOf(e), 300))
              .log("loop.failed");
        }
        LockSupport.parkNanos(
            Math.min(
                LONGEST_PAUSE_NANOS, TimeUnit.MILLISECONDS.toNanos(100L << Math.min(failures, 6))));
      }
    }
  }

  @Override
  public void stop() {
    running = false;
    threads.forEach(LockSupport::unpark);
    for (Thread thread : threads) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(5));
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
    threads.clear();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return phase;
  }
}
