package dev.postrider.platform;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with a request, so that the caller mends it in one go. */
public final class Violations {
  /** Who reads more? A body of unknown fields would become a hundred times as much. */
  public static final int MOST = 200;

  private final List<FieldError> errors = new ArrayList<>();

  /** Adds an error, unless there are so many that it is not read any more. */
  public void add(String field, String detail) {
    if (errors.size() < MOST) {
      errors.add(new FieldError(field, detail));
    }
  }

  public void addAll(List<FieldError> more) {
    more.forEach(error -> add(error.field(), error.detail()));
  }

  /** Adds an error unless the condition holds; returns the condition. */
  @CanIgnoreReturnValue
  public boolean require(boolean condition, String field, String detail) {
    if (!condition) {
      add(field, detail);
    }
    return condition;
  }

  /**
   * Checks the characters and the length of a text that may be missing.
   *
   * @param maxCodePoints the longest text allowed, in Unicode code points
   */
  public void text(String field, @Nullable String value, int maxCodePoints) {
    if (value == null) {
      return;
    }
    String flaw = Text.flaw(value);
    if (flaw != null) {
      add(field, flaw);
    } else if (value.codePointCount(0, value.length()) > maxCodePoints) {
      add(field, "must have at most " + maxCodePoints + " characters");
    }
  }

  /** Like {@link #text}, for names and headers: on one line. */
  public void line(String field, @Nullable String value, int maxCodePoints) {
    text(field, value, maxCodePoints);
    if (value != null && (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0)) {
      add(field, "must be a single line");
    }
  }

  public boolean isEmpty() {
    return errors.isEmpty();
  }

  public List<FieldError> errors() {
    return List.copyOf(errors);
  }

  public void throwIfAny() {
    if (!errors.isEmpty()) {
      throw ProblemException.invalid(errors());
    }
  }
}
