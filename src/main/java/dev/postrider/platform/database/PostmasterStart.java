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
import org.jspecify.annotations.Nullable;
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

  /**
   * Who says that it is ready, and still refuses us, will do so for ever: a wrong password, say.
   */
  private static final Duration READY_WITHIN = Duration.ofMinutes(1);

  /** Between its launcher's last breath and its own pid file nothing is seen of it. */
  private static final Duration UNSEEN_WITHIN = Duration.ofSeconds(2);

  private final Path data;
  private final FutureTask<EmbeddedPostgres> server;
  private final Thread starter;

  /** Whether the directory is there, and a process is about to be. */
  private volatile boolean launched;

  private PostmasterStart(Path data, EmbeddedPostgres.Builder builder) {
    this.data = data;
    this.server =
        new FutureTask<>(
            builder.setPGStartupWait(LONGEST).setDataDirectoryCustomizer(_ -> launched = true)
                ::start);
    this.starter = Thread.ofPlatform().daemon().name("postgres-start").start(server);
  }

  /**
   * Returns when it takes connections.
   *
   * @throws IOException when its process ended instead, or lets nobody in
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
      throw new IOException("its process ended, or refuses connections although it is ready");
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      if (!up) {
        start.abandon();
      }
    }
  }

  /** False when there is nothing to wait for any more. */
  private boolean awaitUp() throws ExecutionException, InterruptedException {
    int unseen = 0;
    int ready = 0;
    for (long looks = 1; ; looks++) {
      try {
        server.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        return true;
      } catch (TimeoutException _) {
        Postmaster postmaster = look();
        unseen = launched && postmaster == null && !isBeingLaunched() ? unseen + 1 : 0;
        ready = postmaster != null && postmaster.isReady() ? ready + 1 : 0;
        if (unseen > UNSEEN_WITHIN.dividedBy(LOOK_EVERY)
            || ready > READY_WITHIN.dividedBy(LOOK_EVERY)) {
          return false;
        }
        if (looks % SAY_EVERY.dividedBy(LOOK_EVERY) == 0) {
          log.atInfo()
              .addKeyValue("seconds", LOOK_EVERY.multipliedBy(looks).toSeconds())
              .log("postgres.starting");
        }
      }
    }
  }

  /** Null where it is not seen: not there, or its file cannot be read now. */
  private @Nullable Postmaster look() {
    try {
      return Postmaster.on(data).orElse(null);
    } catch (IOException e) {
      log.atWarn().addKeyValue("cause", e.toString()).log("postgres.pid_file_unreadable");
      return null;
    }
  }

  private boolean isBeingLaunched() {
    return ProcessHandle.current().children().anyMatch(this::isLauncher);
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
