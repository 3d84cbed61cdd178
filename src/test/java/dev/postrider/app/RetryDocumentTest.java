package dev.postrider.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.FieldError;
import dev.postrider.platform.Violations;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetryDocumentTest {
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
