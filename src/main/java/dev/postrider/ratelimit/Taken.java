package dev.postrider.ratelimit;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What came of taking tokens.
 *
 * @param granted all of them, or none
 * @param retryAfter when it is worth another try; zero where it was granted
 * @param left of each rate
 */
public record Taken(boolean granted, Duration retryAfter, List<Left> left) {
  static final Taken UNLIMITED = new Taken(true, Duration.ZERO, List.of());

  /**
   * What is left of a rate.
   *
   * @param full until all of it is there again
   */
  public record Left(Rate rate, long remaining, Duration full) {}

  /** How many would have been granted now. */
  public long remaining() {
    return left.stream().mapToLong(Left::remaining).min().orElse(Long.MAX_VALUE);
  }

  /** The value of {@code RateLimit} (draft-ietf-httpapi-ratelimit-headers-10). */
  public String header() {
    return left.stream()
        .map(it ->
            "\"%s\";r=%d;t=%d"
                .formatted(it.rate().name(), Math.max(0, it.remaining()), seconds(it.full())))
        .collect(Collectors.joining(", "));
  }

  /** The value of {@code RateLimit-Policy}. */
  public String policyHeader() {
    return left.stream()
        .map(it ->
            "\"%s\";q=%d;w=%d"
                .formatted(it.rate().name(), it.rate().limit(), it.rate().window().toSeconds()))
        .collect(Collectors.joining(", "));
  }

  private static long seconds(Duration duration) {
    return duration.plusMillis(999).toSeconds();
  }
}
