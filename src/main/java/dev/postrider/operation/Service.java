package dev.postrider.operation;

import dev.postrider.platform.Wired;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The running service: its version, and since when it runs. */
@Wired
class Service {
  private final long started = System.nanoTime();

  String version() {
    @Nullable String version = Service.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** As the brief shows it: hours, minutes, seconds. */
  String uptime() {
    Duration up = Duration.ofNanos(System.nanoTime() - started);
    return "%d:%02d:%02d".formatted(up.toHours(), up.toMinutesPart(), up.toSecondsPart());
  }
}
