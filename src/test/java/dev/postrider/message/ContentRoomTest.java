package dev.postrider.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.testing.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ContentRoomTest {
  private static final int MEBIBYTE = 1024 * 1024;

  private final ContentRoom room = new ContentRoom(Duration.ofMillis(20));

  /** What waits here waits for what the test does next. */
  private final ContentRoom patient = new ContentRoom(Duration.ofMinutes(1));

  private String with(int app, int bytes, Supplier<String> work) {
    return with(room, app, bytes, work);
  }

  private static String with(ContentRoom room, int app, int bytes, Supplier<String> work) {
    return room.with(new AppId(app), bytes, work, () -> "full");
  }

  @Test
  void oneApplicationLeavesRoomToOthers() {
    String seen =
        with(
            1,
            4 * MEBIBYTE,
            () -> with(1, 3 * MEBIBYTE, () -> "done") + " and " + with(2, MEBIBYTE, () -> "done"));
    assertThat(seen).isEqualTo("full and done");
    assertThat(with(1, 4 * MEBIBYTE, () -> "done")).as("there is room again").isEqualTo("done");
  }

  /** Calls may hang for a minute, and two applications' would stop all that is large. */
  @Test
  void whoTakesAllHeMayLeavesSomeToWhoeverComesNext() {
    assertThat(taking(1, () -> taking(2, () -> with(3, 100_000, () -> "done")))).isEqualTo("done");
  }

  /** As much as an application gets, in pieces of two hundred kilobytes. */
  private String taking(int app, Supplier<String> work) {
    return room.with(new AppId(app), 200_000, () -> taking(app, work), work);
  }

  /** It is waited for, or all that is large would go back and come again all the time. */
  @Test
  void whatFindsNoneWaitsAMoment() throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch waits = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    try (ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> first =
          others.submit(() ->
              with(
                  patient,
                  1,
                  4 * MEBIBYTE,
                  () -> {
                    taken.countDown();
                    Eventually.opened(end);
                    return "done";
                  }));
      taken.await();
      Future<String> second =
          others.submit(() ->
              with(
                  patient,
                  2,
                  4 * MEBIBYTE,
                  () -> {
                    waits.countDown();
                    return with(patient, 3, MEBIBYTE, () -> "done");
                  }));
      waits.await();
      Eventually.holds(Duration.ofMillis(200), () -> !second.isDone());
      end.countDown();
      assertThat(first.get()).isEqualTo("done");
      assertThat(second.get()).isEqualTo("done");
    }
  }

  /** Or one that needs much would never find enough beside those that need little. */
  @Test
  void whoHasNothingGoesBeforeThoseWhoHave() throws Exception {
    try (ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> first = new ArrayList<>();
      Supplier<String> more =
          () -> patient.ifThereIs(new AppId(1), 100_000, () -> "", () -> "full");
      Supplier<String> beside =
          () -> {
            assertThat(more.get()).as("there is room").isEmpty();
            first.add(others.submit(() -> with(patient, 3, 4 * MEBIBYTE, () -> "done")));
            Eventually.value(more, "full"::equals);
            return "";
          };
      with(patient, 1, MEBIBYTE, () -> with(patient, 2, 4 * MEBIBYTE, beside));
      assertThat(first.getFirst().get()).isEqualTo("done");
      assertThat(with(patient, 1, MEBIBYTE, more)).as("nobody waits any more").isEmpty();
    }
  }

  @Test
  void allTogetherHaveNoMoreThanThereIs() {
    String seen =
        with(1, 4 * MEBIBYTE, () -> with(2, 3 * MEBIBYTE, () -> with(3, 2_000_000, () -> "done")));
    assertThat(seen).isEqualTo("full");
  }

  @Test
  void whatIsSmallNeedsNone() {
    assertThat(with(1, 4 * MEBIBYTE, () -> with(1, 8192, () -> "done"))).isEqualTo("done");
  }

  @Test
  void whatIsLargerThanTheRoomGoesAlone() {
    assertThat(with(1, Integer.MAX_VALUE, () -> "done")).isEqualTo("done");
  }
}
