package dev.postrider.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.FieldError;
import dev.postrider.platform.Violations;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryDocumentTest {
  private static RetryRule rule(
      @Nullable Integer first, @Nullable Integer longest, List<String> never, List<String> always) {
    return new RetryRule(
        null,
        first == null ? null : Duration.ofSeconds(first),
        null,
        longest == null ? null : Duration.ofSeconds(longest),
        Set.copyOf(never),
        Set.copyOf(always));
  }

  /** The sender's goes first, also where the application's would undo it. */
  @Test
  void whatIsInheritedDoesNotGainsay() {
    RetryRule sender = rule(600, null, List.of("http_400"), List.of());
    RetryRule app = rule(10, 60, List.of(), List.of("http_400", "unknown_recipient"));
    assertThat(sender.or(app))
        .isEqualTo(rule(600, 600, List.of("http_400"), List.of("unknown_recipient")));
    assertThat(RetryRule.NONE.or(app)).isEqualTo(app);
  }

  /** It is stored as it is written: a policy of 65,000 times the same code is as long. */
  @Test
  void repeatedCodesCount() {
    Violations violations = new Violations();
    List<String> codes = Collections.nCopies(51, "http_500");
    new RetryDocument(null, null, null, null, List.copyOf(codes), null)
        .checked("retry", violations);
    assertThat(violations.errors())
        .extracting(FieldError::field)
        .containsExactly("retry.never_retry");
  }
}
