package dev.postrider.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.testing.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
  private final CountDownLatch gate = new CountDownLatch(1);
  private final List<List<Integer>> batches = new CopyOnWriteArrayList<>();

  private GroupCommit<Integer, Integer> group(int capacity) {
    return group(capacity, Duration.ZERO);
  }

  private GroupCommit<Integer, Integer> group(int capacity, Duration patience) {
    return group(new GroupCommit.Terms(1, capacity, 100, Duration.ZERO, patience));
  }

  private GroupCommit<Integer, Integer> group(GroupCommit.Terms terms) {
    return new GroupCommit<>("test", terms, _ -> 1, this::commit);
  }

  private List<Integer> commit(List<Integer> batch) {
    batches.add(batch);
    try {
      assertThat(gate.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (batch.contains(-1)) {
      throw new IllegalArgumentException("refused");
    }
    return batch.stream().map(it -> it * 10).toList();
  }

  private void awaitFirstBatch() {
    Eventually.value(batches::size, it -> it == 1);
  }

  @Test
  void putsWhatArrivesDuringACommitIntoTheNextOneTogether() throws Exception {
    try (GroupCommit<Integer, Integer> group = group(100)) {
      CompletableFuture<Integer> first = group.submit(1);
      awaitFirstBatch();
      List<CompletableFuture<Integer>> others = new ArrayList<>();
      for (int i = 2; i <= 20; i++) {
        others.add(group.submit(i));
      }
      gate.countDown();
      assertThat(first.get()).isEqualTo(10);
      assertThat(others.getLast().get()).isEqualTo(200);
      assertThat(batches).hasSize(2);
      assertThat(batches.get(1)).hasSize(19);
      assertThat(group.load()).isZero();
    }
  }

  /** A stop has an end, and whoever waits in the buffer is told. */
  @Test
  void isClosedWithoutACommitThatDoesNotEnd() {
    GroupCommit<Integer, Integer> group = group(100);
    CompletableFuture<Integer> _ = group.submit(1);
    awaitFirstBatch();
    CompletableFuture<Integer> waits = group.submit(2);
    long start = System.nanoTime();
    group.close(Duration.ofMillis(50));
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
    assertThatThrownBy(waits::get).hasCauseInstanceOf(Overloaded.class);
    gate.countDown();
  }

  /** A second commit costs those that wait their company: a whole batch needs none. */
  @Test
  void commitsAWholeBatchBesideTheOneUnderWayAndNothingLess() throws Exception {
    try (GroupCommit<Integer, Integer> group =
        group(new GroupCommit.Terms(2, 1000, 10, Duration.ZERO, Duration.ZERO))) {
      var _ = group.submit(1);
      awaitFirstBatch();
      for (int i = 2; i <= 10; i++) {
        var _ = group.submit(i);
      }
      Eventually.holds(Duration.ofMillis(200), () -> batches.size() == 1);
      var _ = group.submit(11);
      Eventually.value(batches::size, it -> it == 2);
      assertThat(batches.get(1)).as("nine have waited for the tenth").hasSize(10);
      gate.countDown();
    }
    assertThat(batches).as("all of them, once").hasSize(2);
  }

  /** Four whole batches that come at once, and nobody after them: the helper takes one by one. */
  @Test
  void goesOnWithWholeBatchesThatNobodyAnnouncesAnyMore() {
    try (GroupCommit<Integer, Integer> group =
        new GroupCommit<>(
            "test",
            new GroupCommit.Terms(2, 1000, 10, Duration.ZERO, Duration.ZERO),
            _ -> 10,
            batch -> {
              if (batch.contains(1)) {
                return commit(batch); // does not come back in time
              }
              batches.add(batch);
              return batch;
            })) {
      var _ = group.submit(1);
      awaitFirstBatch();
      for (int i = 2; i <= 5; i++) {
        var _ = group.submit(i);
      }
      Eventually.value(() -> List.copyOf(batches), it -> it.contains(List.of(5)));
      gate.countDown();
    }
  }

  @Test
  void refusesWhatDoesNotFitAtOnce() {
    try (GroupCommit<Integer, Integer> group = group(2)) {
      var _ = group.submit(1);
      var _ = group.submit(2);
      assertThatThrownBy(() -> group.submit(3)).isInstanceOf(Overloaded.class);
      gate.countDown();
    }
  }

  @Test
  void tellsWhoeverWaitsTooLongForACommitThatIsUnderWayOrHasNotBegun() throws Exception {
    try (GroupCommit<Integer, Integer> group = group(100, Duration.ofMillis(200))) {
      long start = System.nanoTime();
      CompletableFuture<Integer> stuck = group.submit(1);
      awaitFirstBatch();
      CompletableFuture<Integer> behind = group.submit(2);
      assertThatThrownBy(() -> stuck.get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseExactlyInstanceOf(TimeoutException.class);
      assertThatThrownBy(() -> behind.get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseExactlyInstanceOf(GroupCommit.NotBegun.class);
      assertThat(System.nanoTime() - start).isGreaterThan(200_000_000L);
      gate.countDown();
      assertThat(group.submit(3).get()).isEqualTo(30);
      assertThat(batches.stream().flatMap(List::stream)).containsExactly(1, 3);
    }
  }

  /** Who is told that it took too long comes again, and must not find himself in front. */
  @Test
  void whatIsNotWaitedForAnyMoreTakesNoRoom() {
    try (GroupCommit<Integer, Integer> group = group(2, Duration.ofMillis(100))) {
      var _ = group.submit(1);
      awaitFirstBatch();
      for (int i = 2; i < 5; i++) {
        CompletableFuture<Integer> again = group.submit(i);
        assertThatThrownBy(() -> again.get(10, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class);
        Eventually.value(group::load, it -> it == 1);
      }
      gate.countDown();
    }
  }

  @Test
  void givesAFailureToEveryoneInTheBatchAndGoesOn() throws Exception {
    try (GroupCommit<Integer, Integer> group = group(100)) {
      gate.countDown();
      CompletableFuture<Integer> refused = group.submit(-1);
      assertThatThrownBy(refused::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IllegalArgumentException.class);
      assertThat(group.submit(5).get()).isEqualTo(50);
      assertThat(group.load()).isZero();
    }
  }

  @Test
  void commitsWhatIsBufferedBeforeItCloses() throws Exception {
    GroupCommit<Integer, Integer> group = group(100);
    CompletableFuture<Integer> first = group.submit(1);
    CompletableFuture<Integer> second = group.submit(2);
    gate.countDown();
    group.close();
    assertThat(first.get() + second.get()).isEqualTo(30);
    assertThatThrownBy(() -> group.submit(3)).isInstanceOf(Overloaded.class);
  }
}
