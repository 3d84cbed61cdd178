package dev.postrider.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ContentRoomTest {
  private static final int MEBIBYTE = 1024 * 1024;

  private final ContentRoom room = new ContentRoom();

  private String with(int app, int bytes, Supplier<String> work) {
    return room.with(new AppId(app), bytes, work, () -> "full");
  }

  @Test
  void oneApplicationLeavesRoomToOthers() {
    String seen =
        with(
            1,
            4 * MEBIBYTE,
            () -> with(1, 10_000, () -> "done") + " and " + with(2, 4 * MEBIBYTE, () -> "done"));
    assertThat(seen).isEqualTo("full and done");
    assertThat(with(1, 4 * MEBIBYTE, () -> "done")).as("there is room again").isEqualTo("done");
  }

  @Test
  void allTogetherHaveNoMoreThanThereIs() {
    String seen =
        with(1, 4 * MEBIBYTE, () -> with(2, 4 * MEBIBYTE, () -> with(3, 10_000, () -> "done")));
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
