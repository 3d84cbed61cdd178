package dev.postrider.platform;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.KeyValuePair;

class CorrelationTest {
  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @Test
  void takesWhatIsValidAndMakesUpTheRest() {
    assertThat(Correlation.of("a.B_9:-", TRACE, 0)).isEqualTo(new Correlation("a.B_9:-", TRACE));
    assertThat(Correlation.of("a\nb", "nonsense", 0).traceparent()).isNull();
    assertThat(Correlation.of("x".repeat(129), null, 0).id()).hasSize(36);
    String zero = TRACE.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0".repeat(32));
    assertThat(Correlation.of(null, zero, 0).traceparent()).isNull();
  }

  @Test
  void isInLogLinesUntilItIsClosed() {
    try (var _ = new Correlation("a", TRACE).logged()) {
      assertThat(MDC.get("correlation_id")).isEqualTo("a");
      assertThat(MDC.get("traceparent")).isEqualTo(TRACE);
    }
    assertThat(MDC.get("correlation_id")).isNull();
    assertThat(MDC.get("traceparent")).isNull();
  }

  /** A key that comes twice costs a JSON line. */
  @Test
  void isAddedToALineOnceAtMost() {
    Correlation correlation = new Correlation("a", TRACE);
    assertThat(keys(correlation)).containsExactly("correlation_id", "traceparent");
    try (var _ = correlation.logged()) {
      assertThat(keys(correlation)).isEmpty();
    }
  }

  private static List<String> keys(Correlation correlation) {
    ch.qos.logback.classic.Logger log =
        (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(CorrelationTest.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    log.addAppender(lines);
    try {
      correlation.addTo(log.atError()).log("line");
    } finally {
      log.detachAppender(lines);
    }
    List<KeyValuePair> pairs = lines.list.getFirst().getKeyValuePairs();
    return pairs == null ? List.of() : pairs.stream().map(pair -> pair.key).toList();
  }

  @Test
  void makesUpIdsThatGrowWithTime() {
    String early = Correlation.newId(1_700_000_000_000L);
    String late = Correlation.newId(1_700_000_000_001L);
    assertThat(early).isLessThan(late);
    assertThat(java.util.UUID.fromString(early).version()).isEqualTo(7);
    assertThat(java.util.UUID.fromString(early).variant()).isEqualTo(2);
  }
}
