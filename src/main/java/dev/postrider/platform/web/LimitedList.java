package dev.postrider.platform.web;

import dev.postrider.platform.ProblemException;
import org.jspecify.annotations.Nullable;

/** How many items a page of a list has. */
public final class LimitedList {
  private static final int DEFAULT = 50;
  private static final int MAX = 200;

  private LimitedList() {}

  public static int limit(@Nullable Integer limit) {
    if (limit == null) {
      return DEFAULT;
    }
    if (limit < 1 || limit > MAX) {
      throw ProblemException.invalid("limit", "must be from 1 to " + MAX);
    }
    return limit;
  }
}
