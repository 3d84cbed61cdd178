package dev.postrider.platform.database;

import dev.postrider.platform.Loop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** Looks after the embedded PostgreSQL. Where it cannot be started, the loop tries again. */
final class KeepPostgres implements Loop {
  private final EmbeddedServer server;

  KeepPostgres(EmbeddedServer server) {
    this.server = server;
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(1);
  }

  @Override
  public boolean isNeededToTheEnd() {
    return true;
  }

  @Override
  public int runOnce() {
    try {
      server.keepUp();
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL cannot be kept up: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("PostgreSQL is stopped", e);
    }
  }
}
