package dev.postrider.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.FieldError;
import dev.postrider.platform.Violations;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ApprovedTemplateTest {
  private static List<String> wrong(int texts, int characters) {
    Violations violations = new Violations();
    new ApprovedTemplate(
            "order_ready",
            "en",
            null,
            Collections.nCopies(texts, "😀".repeat(characters)),
            Collections.nCopies(1, null))
        .check("whatsapp_template", violations);
    return violations.errors().stream().map(FieldError::field).toList();
  }

  /** A node has hundreds of messages in memory: a hundred texts of a thousand each would end it. */
  @Test
  void allItsTextsTogetherAreBounded() {
    assertThat(wrong(4, 1024)).isEmpty();
    assertThat(wrong(100, 40)).isEmpty();
    assertThat(wrong(5, 1024)).containsExactly("whatsapp_template");
    assertThat(wrong(100, 41)).containsExactly("whatsapp_template");
  }
}
