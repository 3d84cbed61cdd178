package dev.postrider.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.testing.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class RememberedTest {
  private final AtomicInteger loads = new AtomicInteger();

  private Remembered<String, Integer> values(boolean away) {
    return new Remembered<>(
        Duration.ofMinutes(1),
        10,
        key -> {
          loads.incrementAndGet();
          if (away) {
            LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
            throw new IllegalStateException("away");
          }
          return key.length();
        });
  }

  @Test
  void loadsOnceUntilItIsForgotten() {
    Remembered<String, Integer> values = values(false);
    assertThat(values.get("abc")).isEqualTo(3);
    assertThat(values.get("abc")).isEqualTo(3);
    assertThat(loads).hasValue(1);
    values.forget("abc");
    values.get("abc");
    values.forgetAll();
    values.get("abc");
    assertThat(loads).hasValue(3);
  }

  /**
   * A hundred callers and an absent database: they fail together, not one time-out after another.
   */
  @Test
  void everyoneWhoWaitsForALoadFailsWithIt() throws Exception {
    Remembered<String, Integer> values = values(true);
    AtomicInteger failed = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  values.get("abc");
                } catch (IllegalStateException _) {
                  failed.incrementAndGet();
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failed).hasValue(100);
    assertThat(loads.get()).isLessThan(10);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  /** What is large counts for more: a hundred large ones would fill a node. */
  @Test
  void noMoreIsRememberedThanItsWeight() {
    Remembered<Integer, String> values =
        new Remembered<>(
            Duration.ofMinutes(1),
            1000,
            String::length,
            key -> {
              loads.incrementAndGet();
              return "x".repeat(key);
            });
    values.get(600);
    values.get(601);
    values.get(602);
    Eventually.value(
        () -> {
          int before = loads.get();
          values.get(600);
          values.get(601);
          values.get(602);
          return loads.get() - before;
        },
        loaded -> loaded >= 2);
  }

  @Test
  void aFailureIsNotRemembered() {
    Remembered<String, Integer> values =
        new Remembered<>(
            Duration.ofMinutes(1),
            10,
            key -> {
              if (loads.incrementAndGet() == 1) {
                throw new IllegalStateException("away");
              }
              return key.length();
            });
    assertThatThrownBy(() -> values.get("abc")).hasMessage("away");
    Eventually.value(
        () -> {
          try {
            return values.get("abc");
          } catch (IllegalStateException _) {
            return 0; // those who came with it have not left yet
          }
        },
        it -> it == 3);
  }
}
