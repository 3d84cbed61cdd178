package dev.postrider.platform.web;

import dev.postrider.platform.Bounded;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Lets only so many searches and reports run at once: whoever asks the big tables for much must not
 * take all connections that requests have.
 */
@Wired
public class HeavyReads {
  private final Bounded bounded = new Bounded("reads", 4, Duration.ofMillis(500));

  public <T> T run(Supplier<T> read) {
    return bounded.run(read);
  }
}
