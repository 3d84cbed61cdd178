package dev.postrider.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FairRoomTest {
  private final FairRoom room = new FairRoom(256);

  private int fill(String owner) {
    int before = room.of(owner);
    while (room.take(owner, 1)) {
      // one more
    }
    return room.of(owner) - before;
  }

  @Test
  void oneAloneLeavesAQuarter() {
    assertThat(room.isCrowded()).isFalse();
    assertThat(fill("a")).isEqualTo(192);
    assertThat(room.isCrowded()).isTrue();
    assertThat(room.take("b", 1)).isTrue();
  }

  @Test
  void manyWhoTakeWhatTheyGetLeaveRoomForTheNext() {
    for (int i = 0; i < 40; i++) {
      assertThat(fill("greedy " + i)).as("of number " + i).isPositive();
      for (int turn = 0; turn < 2000; turn++) {
        String owner = "greedy " + turn % (i + 1);
        room.give(owner, 1);
        fill(owner);
      }
    }
  }

  /** Whoever was there first gives way as his requests end. */
  @Test
  void thoseWhoStayShareEqually() {
    IntStream.range(0, 5).forEach(i -> fill("greedy " + i));
    for (int turn = 0; turn < 2000; turn++) {
      String owner = "greedy " + turn % 5;
      room.give(owner, 1);
      fill(owner);
    }
    assertThat(IntStream.range(0, 5).map(i -> room.of("greedy " + i)).boxed())
        .allMatch(it -> it >= 3 * 256 / 16 - 1 && it <= 3 * 256 / 16 + 1);
  }

  /** What one alone has begun it must be able to end. */
  @Test
  void theOnlyOneOfItsOwnerGrowsAsFarAsThereIsRoom() {
    assertThat(room.take("a", 100)).isTrue();
    assertThat(room.take("b", 100)).isTrue();
    assertThat(room.take("b", 100, 50)).as("150 of 256, all that is his").isTrue();
    assertThat(room.take("b", 1)).as("another one of his").isFalse();
    assertThat(room.take("b", 150, 7)).as("there are six").isFalse();
    assertThat(room.take("b", 150, 6)).isTrue();
  }

  @Test
  void itIsCrowdedWhileSomebodyHasAllHeMayHave() {
    assertThat(room.take("quiet", 30)).isTrue();
    fill("greedy");
    assertThat(room.isCrowded()).isTrue();
    room.give("greedy", 1);
    assertThat(room.isCrowded()).as("he may have one again").isFalse();
    assertThat(room.take("greedy", 1)).isTrue();
    assertThat(room.isCrowded()).isTrue();
    room.give("quiet", 30);
    assertThat(room.isCrowded()).as("there is more for him").isFalse();
  }

  @Test
  void whoHasNothingGetsWhateverFits() {
    assertThat(room.take("a", 256)).isTrue();
    assertThat(room.take("b", 1)).isFalse();
    assertThat(room.take("b", 0)).as("nothing always fits").isTrue();
    room.give("a", 256);
    assertThat(room.take("a", 257)).isFalse();
  }

  @Test
  void whatIsLeftCanBeTakenAndNoMore() {
    for (String owner : List.of("a", "b", "c", "a")) {
      int left = room.left(owner);
      assertThat(fill(owner)).isEqualTo(left);
      assertThat(room.left(owner)).isZero();
      room.give("a", 20);
    }
  }

  /** Nobody gives anything back that could let him in again. */
  @Test
  void whoAskedForTooMuchMayAskForLess() {
    assertThat(room.take("a", 1000)).isFalse();
    assertThat(room.take("a", 1)).isTrue();
    assertThat(room.take("a", 200)).isFalse();
    assertThat(room.take("a", 1)).isTrue();
  }

  @Test
  void whatIsGivenBackIsThereAgainAndNoMore() {
    fill("a");
    IntStream.range(0, 192).forEach(_ -> room.give("a", 1));
    assertThat(room.of("a")).isZero();
    assertThat(fill("a")).isEqualTo(192);
    assertThatThrownBy(() -> room.give("b", 1)).isInstanceOf(IllegalStateException.class);
  }
}
