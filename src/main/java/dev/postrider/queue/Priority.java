package dev.postrider.queue;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How urgent a job is. Stored as its ordinal: lower goes first. */
public enum Priority {
  URGENT,
  HIGH,
  NORMAL,
  LOW;

  private static final Priority[] ALL = values();

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Priority> parse(String word) {
    return Arrays.stream(ALL).filter(priority -> priority.word().equals(word)).findFirst();
  }

  public static Priority stored(int ordinal) {
    return ALL[ordinal];
  }
}
