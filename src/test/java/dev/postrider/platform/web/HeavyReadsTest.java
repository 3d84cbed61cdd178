package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.platform.Overloaded;
import org.junit.jupiter.api.Test;

class HeavyReadsTest {
  private final HeavyReads reads = new HeavyReads();

  @Test
  void oneApplicationLeavesPlacesToOthers() {
    int seen =
        reads.run(
            1,
            () ->
                reads.run(
                    1,
                    () -> {
                      assertThatThrownBy(() -> reads.run(1, () -> 0))
                          .isInstanceOf(Overloaded.class);
                      return reads.run(2, () -> 4711);
                    }));
    assertThat(seen).isEqualTo(4711);
  }

  @Test
  void allTogetherHaveNoMoreThanThereIsRoomFor() {
    reads.run(
        1,
        () ->
            reads.run(
                2,
                () ->
                    reads.run(
                        3,
                        () ->
                            reads.run(
                                4,
                                () -> {
                                  assertThatThrownBy(() -> reads.run(5, () -> 0))
                                      .isInstanceOf(Overloaded.class);
                                  return 0;
                                }))));
  }
}
