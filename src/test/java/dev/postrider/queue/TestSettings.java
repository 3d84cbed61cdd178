package dev.postrider.queue;

import java.time.Duration;

/** Settings for tests. */
public final class TestSettings {
  private TestSettings() {}

  /** Those of a node that nobody has set anything of. */
  public static QueueSettings queue() {
    return new QueueSettings(
        Duration.ofSeconds(30),
        Duration.ofSeconds(9),
        Duration.ofSeconds(5),
        Duration.ofMillis(200),
        64,
        32,
        1024,
        256,
        3,
        Duration.ofSeconds(65));
  }
}
