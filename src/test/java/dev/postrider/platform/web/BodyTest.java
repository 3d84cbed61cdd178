package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.platform.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BodyTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  /** As a slow caller sends it: a byte at a time. */
  private static InputStream trickle(byte[] bytes) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] buffer, int offset, int length) {
        return super.read(buffer, offset, Math.min(1, length));
      }
    };
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 10", "10, 10", "10, 11", "11, 10", "100000, 100000", "100000, 262145"})
  void readsWhatCameUpToItsLimit(int came, int most) throws IOException {
    byte[] sent = bytes(came);
    byte[] expected = java.util.Arrays.copyOf(sent, Math.min(came, most));
    assertThat(Body.read(new ByteArrayInputStream(sent), most, LONG, _ -> {})).isEqualTo(expected);
    assertThat(Body.read(trickle(sent), most, LONG, _ -> {})).isEqualTo(expected);
  }

  @Test
  void whoTakesTooLongIsNotWaitedFor() {
    assertThatThrownBy(() -> Body.read(trickle(bytes(10)), 10, Duration.ZERO, _ -> {}))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.detail()).contains("took longer"));
  }

  @Test
  void whoSendsAllAtOnceIsNeverTooLate() throws IOException {
    assertThat(Body.read(new ByteArrayInputStream(bytes(10)), 10, Duration.ZERO, _ -> {}))
        .hasSize(10);
  }
}
