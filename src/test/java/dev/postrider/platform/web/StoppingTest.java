package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.Problem;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

class StoppingTest {
  /** One of 43,826 was told so while nodes were restarted in turn, and was lost by its caller. */
  @Test
  void whatAStopCutShortIsNotMalformed() {
    var context = new AnnotationConfigApplicationContext(Stopping.class);
    Stopping stopping = context.getBean(Stopping.class);
    assertThat(stopping.mayBeToBlameFor(Problem.MALFORMED_REQUEST)).isFalse();
    context.close();
    assertThat(stopping.mayBeToBlameFor(Problem.MALFORMED_REQUEST)).isTrue();
    assertThat(stopping.mayBeToBlameFor(Problem.VALIDATION_FAILED)).isFalse();
  }
}
