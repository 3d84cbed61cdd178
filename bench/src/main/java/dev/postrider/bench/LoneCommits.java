package dev.postrider.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One connection that changes a row and commits, every ten milliseconds, beside whatever else is
 * going on: what a commit takes on this machine now. Nothing that waits for one can be told sooner.
 */
final class LoneCommits {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long MOST_MICROS = TimeUnit.SECONDS.toMicros(60);

  private final Connection connection;
  private final Histogram micros = new Histogram(MOST_MICROS, 2);
  private final Thread thread = Thread.ofPlatform().name("lone-commits").unstarted(this::run);
  private volatile boolean stopped;
  private volatile @Nullable SQLException broken;

  private LoneCommits(Connection connection) {
    this.connection = connection;
  }

  /** Runs a load once more, with lone commits beside it, and prints how long those took. */
  static void print(Rig rig, Load load, double seconds, double perSecond) throws Exception {
    rig.sql("create table if not exists bench_commits (n bigint not null)");
    rig.sql("insert into bench_commits select 0 where not exists (select 1 from bench_commits)");
    try (Connection connection = rig.connect()) {
      LoneCommits commits = new LoneCommits(connection);
      commits.thread.start();
      load.run(seconds, perSecond);
      commits.stop();
      Scenario.print(
          "floor: a commit beside",
          commits.micros.getValueAtPercentile(50) / 1000.0,
          "ms p50, %.1f ms p99",
          commits.micros.getValueAtPercentile(99) / 1000.0);
    }
  }

  private void run() {
    try (var update = connection.prepareStatement("update bench_commits set n = n + 1")) {
      while (!stopped) {
        long start = System.nanoTime();
        update.executeUpdate();
        long took = System.nanoTime() - start;
        micros.recordValue(Math.min(MOST_MICROS, took / 1000));
        LockSupport.parkNanos(EVERY_NANOS - took);
      }
    } catch (SQLException e) {
      broken = e;
    }
  }

  private void stop() throws Exception {
    stopped = true;
    thread.join();
    SQLException cause = broken;
    if (cause != null) {
      throw cause;
    }
  }
}
