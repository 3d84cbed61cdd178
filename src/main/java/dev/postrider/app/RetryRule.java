package dev.postrider.app;

import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How attempts are retried, where that differs from the service's own settings. Null is what the
 * rule does not say.
 *
 * @param maxAttempts attempts that count, unless the message says otherwise
 * @param firstDelay the longest wait after the first attempt
 * @param factor by how much that grows with each attempt
 * @param maxDelay the longest wait of all
 * @param neverRetry codes of answers after which a message is given up at once
 * @param alwaysRetry codes of rejections that are retried all the same
 */
public record RetryRule(
    @Nullable Integer maxAttempts,
    @Nullable Duration firstDelay,
    @Nullable Integer factor,
    @Nullable Duration maxDelay,
    Set<String> neverRetry,
    Set<String> alwaysRetry) {
  public static final RetryRule NONE = new RetryRule(null, null, null, null, Set.of(), Set.of());

  /**
   * This rule where it says something, the other one where it does not, and does not gainsay it.
   */
  public RetryRule or(RetryRule other) {
    return new RetryRule(
        maxAttempts == null ? other.maxAttempts : maxAttempts,
        firstDelay == null ? other.firstDelay : firstDelay,
        factor == null ? other.factor : factor,
        maxDelay == null ? longer(other.maxDelay, firstDelay) : maxDelay,
        neverRetry.isEmpty() ? without(other.neverRetry, alwaysRetry) : neverRetry,
        alwaysRetry.isEmpty() ? without(other.alwaysRetry, neverRetry) : alwaysRetry);
  }

  private static @Nullable Duration longer(@Nullable Duration longest, @Nullable Duration first) {
    return longest == null || first == null || first.compareTo(longest) < 0 ? longest : first;
  }

  private static Set<String> without(Set<String> codes, Set<String> gainsaid) {
    return codes.stream()
        .filter(code -> !gainsaid.contains(code))
        .collect(Collectors.toUnmodifiableSet());
  }
}
