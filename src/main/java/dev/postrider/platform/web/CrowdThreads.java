package dev.postrider.platform.web;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Where requests run: each on a virtual thread of its own, as usual, until there are too many. Who
 * is then turned away is told so by one of a few threads of the system, which shares out the
 * processor between them and the carriers; on a virtual thread the refusal would come after
 * everything that those who were let in have to do.
 */
final class CrowdThreads implements Executor {
  private static final int THREADS = 8;
  private static final Duration IDLE = Duration.ofSeconds(10);

  private final Crowd crowd;
  private final Executor usual;
  private final ThreadPoolExecutor few;

  CrowdThreads(Crowd crowd, Executor usual) {
    this.crowd = crowd;
    this.usual = usual;
    this.few =
        new ThreadPoolExecutor(
            0,
            THREADS,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().name("crowd-", 0).daemon().factory());
  }

  @Override
  public void execute(Runnable request) {
    if (crowd.isFull()) {
      try {
        few.execute(request);
        return;
      } catch (RejectedExecutionException _) {
        // All of them are busy, perhaps with what is never turned away.
      }
    }
    usual.execute(request);
  }
}
