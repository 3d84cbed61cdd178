package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Eventually;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CrowdThreadsTest {
  private final Crowd crowd = new Crowd();
  private final List<String> ranOn = new CopyOnWriteArrayList<>();
  private final CountDownLatch leave = new CountDownLatch(1);
  private final CrowdThreads threads =
      new CrowdThreads(crowd, task -> Thread.ofVirtual().name("usual").start(task));

  private void request() {
    int before = ranOn.size();
    threads.execute(() -> {
      ranOn.add(Thread.currentThread().getName());
      try {
        leave.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
    Eventually.value(ranOn::size, it -> it == before + 1);
  }

  @Test
  void whoWillBeTurnedAwayRunsBesideThoseWhoWereLetIn() {
    request();
    for (int i = 0; i < 192; i++) {
      assertThat(crowd.api().places().take("noisy", 1)).isTrue();
    }
    for (int i = 0; i < 9; i++) {
      request();
    }
    crowd.api().places().give("noisy", 1);
    request();
    leave.countDown();
    assertThat(ranOn.getFirst()).isEqualTo("usual");
    assertThat(ranOn.subList(1, 9)).allMatch(name -> name.startsWith("crowd-"));
    assertThat(ranOn.subList(9, 11)).as("all eight are busy; there is room").containsOnly("usual");
  }
}
