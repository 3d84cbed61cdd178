package dev.postrider.app;

import dev.postrider.platform.Violations;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A {@link RetryRule} as it is written in JSON; delays in seconds. */
public record RetryDocument(
    @Nullable Integer maxAttempts,
    @Nullable Long firstDelaySeconds,
    @Nullable Integer factor,
    @Nullable Long maxDelaySeconds,
    @Nullable List<@Nullable String> neverRetry,
    @Nullable List<@Nullable String> alwaysRetry) {
  private static final int MAX_ATTEMPTS = 50;
  private static final int MAX_FACTOR = 10;
  private static final long DAY_SECONDS = 86_400;
  private static final int MAX_CODES = 50;
  private static final int MAX_CODE = 64;

  RetryRule checked(String field, Violations violations) {
    between(field + ".max_attempts", maxAttempts, 1, MAX_ATTEMPTS, violations);
    between(field + ".first_delay_seconds", firstDelaySeconds, 1, DAY_SECONDS, violations);
    between(field + ".factor", factor, 1, MAX_FACTOR, violations);
    between(field + ".max_delay_seconds", maxDelaySeconds, 1, DAY_SECONDS, violations);
    violations.require(
        firstDelaySeconds == null
            || maxDelaySeconds == null
            || firstDelaySeconds <= maxDelaySeconds,
        field + ".max_delay_seconds",
        "must not be less than first_delay_seconds");
    Set<String> never = codes(field + ".never_retry", neverRetry, violations);
    Set<String> always = codes(field + ".always_retry", alwaysRetry, violations);
    violations.require(
        never.stream().noneMatch(always::contains),
        field + ".always_retry",
        "names a code that never_retry names too");
    return new RetryRule(
        maxAttempts, seconds(firstDelaySeconds), factor, seconds(maxDelaySeconds), never, always);
  }

  private static void between(
      String field, @Nullable Number value, long least, long most, Violations violations) {
    violations.require(
        value == null || (value.longValue() >= least && value.longValue() <= most),
        field,
        "must be from " + least + " to " + most);
  }

  private static @Nullable Duration seconds(@Nullable Long seconds) {
    return seconds == null ? null : Duration.ofSeconds(seconds);
  }

  private static Set<String> codes(
      String field, @Nullable List<@Nullable String> codes, Violations violations) {
    Set<String> checked = new TreeSet<>();
    // Before they are looked at: what is stored is what was written, repetitions included.
    if (codes == null
        || !violations.require(
            codes.size() <= MAX_CODES, field, "may have at most " + MAX_CODES + " codes")) {
      return checked;
    }
    for (String code : codes) {
      violations.line(field, code, MAX_CODE);
      if (violations.require(code != null && !code.isBlank(), field, "must be a list of codes")) {
        checked.add(String.valueOf(code));
      }
    }
    return checked;
  }
}
