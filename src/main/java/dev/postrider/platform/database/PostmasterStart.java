package dev.postrider.platform.database;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A start of PostgreSQL that may take as long as its process lives. After a crash it reads up to
 * two gigabytes of its log first, minutes on a slow disk: whoever gave up and began anew would do
 * so for ever. The library waits for a fixed time, dead or alive; so it is given a long one, and is
 * interrupted when there is nothing left to wait for.
 */
final class PostmasterStart {
  private static final Logger log = LoggerFactory.getLogger(PostmasterStart.class);
  private static final Duration LONGEST = Duration.ofHours(6);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final Duration SAY_EVERY = Duration.ofSeconds(15);

  private final Path data;
  private final FutureTask<EmbeddedPostgres> server;
  private final Thread starter;

  private PostmasterStart(Path data, EmbeddedPostgres.Builder builder) {
    this.data = data;
    this.server = new FutureTask<>(builder.setPGStartupWait(LONGEST)::start);
    this.starter = Thread.ofPlatform().daemon().name("postgres-start").start(server);
  }

  /**
   * Returns when it takes connections.
   *
   * @throws IOException when its process ended instead
   * @throws InterruptedException when it is not waited for any more: then it is stopped
   */
  static EmbeddedPostgres of(Path data, EmbeddedPostgres.Builder builder)
      throws IOException, InterruptedException {
    PostmasterStart start = new PostmasterStart(data, builder);
    boolean up = false;
    try {
      up = start.awaitUp();
      if (up) {
        return start.server.get();
      }
      throw new IOException("its process ended");
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      if (!up) {
        start.abandon();
      }
    }
  }

  /** False when there is no process to wait for any more. */
  private boolean awaitUp() throws ExecutionException, InterruptedException {
    boolean launched = false;
    for (long looks = 1; ; looks++) {
      try {
        server.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        return true;
      } catch (TimeoutException _) {
        boolean launching = ProcessHandle.current().children().anyMatch(this::isLauncher);
        if (launched && !launching && Postmaster.on(data).isEmpty()) {
          return false;
        }
        launched |= launching;
        if (looks % SAY_EVERY.dividedBy(LOOK_EVERY) == 0) {
          log.atInfo()
              .addKeyValue("seconds", LOOK_EVERY.multipliedBy(looks).toSeconds())
              .log("postgres.starting");
        }
      }
    }
  }

  /** {@code pg_ctl start}, which ends when the server has started, or will not, or in a minute. */
  private boolean isLauncher(ProcessHandle child) {
    return child.isAlive()
        && child
            .info()
            .arguments()
            .map(List::of)
            .filter(it -> it.contains("start") && it.contains(data.toString()))
            .isPresent();
  }

  private void abandon() {
    // The library takes that for a start: what it returns must be closed, or it keeps its lock.
    starter.interrupt();
    try {
      server.get().close();
    } catch (IOException | ExecutionException _) {
      // there is nothing to close
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
