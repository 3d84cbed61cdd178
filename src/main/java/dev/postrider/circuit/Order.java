package dev.postrider.circuit;

import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a person said of a sender's circuit.
 *
 * @param forced what it is held in; null: closed at that time, and by itself since
 */
public record Order(@Nullable Forced forced, Instant at) {
  /** A state that is kept until somebody says otherwise. */
  public enum Forced {
    OPEN,
    CLOSED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Forced> parse(String word) {
      return Arrays.stream(values()).filter(it -> it.word().equals(word)).findFirst();
    }
  }
}
