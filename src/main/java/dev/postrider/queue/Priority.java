package dev.postrider.queue;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How urgent a job is. Stored as a number: lower goes first. */
public enum Priority {
  URGENT(0),
  HIGH(1),
  NORMAL(2),
  LOW(3);

  private static final Priority[] ALL = values();
  private final int stored;

  Priority(int stored) {
    this.stored = stored;
  }

  public int stored() {
    return stored;
  }

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Priority> parse(String word) {
    return Arrays.stream(ALL).filter(priority -> priority.word().equals(word)).findFirst();
  }

  public static Priority stored(int stored) {
    return ALL[stored];
  }
}
