package dev.postrider.platform;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The one exception that means "this request cannot be served, and here is why". */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Problem problem;
  private final transient List<FieldError> errors;
  private final transient @Nullable Duration retryAfter;
  private final boolean outcomeUnknown;

  private ProblemException(
      Problem problem,
      String detail,
      List<FieldError> errors,
      @Nullable Duration retryAfter,
      boolean outcomeUnknown) {
    // No stack trace: this is an answer, not a bug, and overload is when it is thrown most.
    super(detail, null, false, false);
    this.problem = problem;
    this.errors = errors;
    this.retryAfter = retryAfter;
    this.outcomeUnknown = outcomeUnknown;
  }

  private ProblemException(
      Problem problem, String detail, List<FieldError> errors, @Nullable Duration retryAfter) {
    this(problem, detail, errors, retryAfter, false);
  }

  public static ProblemException of(Problem problem, String detail) {
    return new ProblemException(problem, detail, List.of(), null);
  }

  public static ProblemException invalid(List<FieldError> errors) {
    FieldError first = errors.getFirst();
    String more = errors.size() == 1 ? "" : " (and " + (errors.size() - 1) + " more)";
    return new ProblemException(
        Problem.VALIDATION_FAILED, first.field() + " " + first.detail() + more, errors, null);
  }

  public static ProblemException invalid(String field, String detail) {
    return invalid(List.of(new FieldError(field, detail)));
  }

  public static ProblemException retryLater(Problem problem, String detail, Duration retryAfter) {
    return new ProblemException(problem, detail, List.of(), retryAfter);
  }

  /** A field names what cannot be used until an operator has mended it. */
  public static ProblemException unavailable(FieldError error) {
    return new ProblemException(
        Problem.UNAVAILABLE,
        error.field() + " " + error.detail(),
        List.of(error),
        Duration.ofMinutes(1));
  }

  /** What was asked for may be done all the same, and nobody knows. */
  public static ProblemException outcomeUnknown(String detail, Duration retryAfter) {
    return new ProblemException(Problem.UNAVAILABLE, detail, List.of(), retryAfter, true);
  }

  public static ProblemException notFound(String what) {
    return of(Problem.NOT_FOUND, "No such " + what + ".");
  }

  public Problem problem() {
    return problem;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }

  public List<FieldError> errors() {
    return errors;
  }

  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  public boolean isOutcomeUnknown() {
    return outcomeUnknown;
  }
}
