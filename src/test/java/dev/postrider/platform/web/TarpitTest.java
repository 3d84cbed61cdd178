package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TarpitTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final Tarpit tarpit = new Tarpit(100, 1_000, Duration.ZERO, nanos::get);

  private long heldOf(int refusals) {
    return IntStream.range(0, refusals).filter(_ -> tarpit.takesIn()).count();
  }

  @Test
  void tellsSoManyASecondAtOnce() {
    assertThat(heldOf(150)).isEqualTo(50);
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(200));
    assertThat(heldOf(50)).as("twenty more").isEqualTo(30);
    nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
    assertThat(heldOf(150)).as("what nobody used is kept for a second").isEqualTo(50);
  }

  @Test
  void whoWaitsAsToldIsToldAtOnce() {
    for (int i = 0; i < 1_000; i++) {
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
      assertThat(heldOf(10)).isZero();
    }
  }

  @Test
  void holdsOnlySoMany() {
    assertThat(heldOf(2_000)).isEqualTo(1_000);
    tarpit.out();
    assertThat(heldOf(2)).isEqualTo(1);
  }
}
