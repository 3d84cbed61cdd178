package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Slice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

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

  /** However many small ones there are, and whoever writes them. */
  @Test
  void oneMessageKeepsItsRoomWhereItIsLarge() {
    for (int i = 0; i < 18; i++) {
      RequestContextHolder.setRequestAttributes(
          new ServletRequestAttributes(new MockHttpServletRequest()));
      reads.keep(1, 1024 * 1024);
      reads.keep(1, 1000);
    }
    RequestContextHolder.setRequestAttributes(
        new ServletRequestAttributes(new MockHttpServletRequest()));
    assertThatThrownBy(() -> reads.keep(1, 1024 * 1024)).isInstanceOf(Overloaded.class);
    reads.keep(1, 1000);
    RequestContextHolder.resetRequestAttributes();
  }

  /** Whoever reads slowly holds it, and has a part of the room. */
  @Test
  void aPageKeepsItsRoomUntilItsAnswerIsWritten() {
    Slice<Integer> page = new Slice<>(List.of(1), false, 2 * 1024 * 1024);
    List<ServletRequestAttributes> requests = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      requests.add(new ServletRequestAttributes(new MockHttpServletRequest()));
      RequestContextHolder.setRequestAttributes(requests.getLast());
      assertThat(reads.page(1, () -> page)).isEqualTo(page);
    }
    RequestContextHolder.setRequestAttributes(
        new ServletRequestAttributes(new MockHttpServletRequest()));
    assertThatThrownBy(() -> reads.page(1, () -> page)).isInstanceOf(Overloaded.class);
    assertThat(reads.page(2, () -> page)).as("another's").isEqualTo(page);
    requests.subList(0, 3).forEach(ServletRequestAttributes::requestCompleted);
    assertThat(reads.page(1, () -> page)).isEqualTo(page);
    RequestContextHolder.resetRequestAttributes();
  }
}
