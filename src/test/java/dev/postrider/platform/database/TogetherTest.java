package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TogetherTest {
  private static final String LOCKED = "55P03";
  private static final String REFUSED = "22021";

  /** Items are three-digit numbers; the first digit is their owner. */
  private final List<List<Integer>> tried = new ArrayList<>();

  private Together<Integer, String> failing(String state, Set<Integer> those) {
    return new Together<>(
        item -> item / 100,
        items -> {
          tried.add(items);
          if (items.stream().anyMatch(those::contains)) {
            throw new IllegalStateException(new SQLException("no", state));
          }
          return items.stream().map(item -> "stored " + item).toList();
        },
        (item, _) -> "refused " + item);
  }

  @Test
  void commitsAllAtOnceWhereNothingIsWrong() {
    assertThat(failing(LOCKED, Set.of()).commit(List.of(100, 200)))
        .containsExactly("stored 100", "stored 200");
    assertThat(tried).hasSize(1);
  }

  @Test
  void commitsTheOthersWithoutOneThatIsRefused() {
    assertThat(failing(REFUSED, Set.of(200)).commit(List.of(100, 200, 201)))
        .containsExactly("stored 100", "refused 200", "stored 201");
  }

  @Test
  void commitsOtherOwnersBeforeItWaitsAgain() {
    assertThat(failing(LOCKED, Set.of(101)).commit(List.of(100, 200, 101, 201, 300)))
        .containsExactly("stored 100", "stored 200", "refused 101", "stored 201", "stored 300");
    assertThat(tried)
        .containsExactly(
            List.of(100, 200, 101, 201, 300),
            List.of(100, 101),
            List.of(200, 201),
            List.of(300),
            List.of(100),
            List.of(101));
  }

  @Test
  void doesNotWaitForEachOfAnOwnerWhoseLockIsHeld() {
    Together<Integer, String> together = failing(LOCKED, Set.of(100, 101, 102, 103));
    assertThat(together.commit(List.of(100, 101, 102, 103, 200)))
        .containsExactly("refused 100", "refused 101", "refused 102", "refused 103", "stored 200");
    assertThat(tried)
        .containsExactly(
            List.of(100, 101, 102, 103, 200),
            List.of(100, 101, 102, 103),
            List.of(200),
            List.of(100));
    tried.clear();
    // And for a moment from then on not at all.
    assertThat(together.commit(List.of(100, 201))).containsExactly("refused 100", "stored 201");
    assertThat(tried).containsExactly(List.of(201));
  }

  @Test
  void whoeverHadToWaitGoesLast() {
    Together<Integer, String> together = failing(LOCKED, Set.of(100));
    assertThat(together.commit(List.of(100))).containsExactly("refused 100");
    tried.clear();
    assertThat(together.commit(List.of(101, 200))).containsExactly("stored 101", "stored 200");
    assertThat(tried).containsExactly(List.of(200), List.of(101));
    tried.clear();
    // It got through: it is like the others again.
    together.commit(List.of(101, 200));
    assertThat(tried).containsExactly(List.of(101, 200));
  }

  @Test
  void whatIsNobodysFaultIsThrown() {
    Together<Integer, String> away = failing("08006", Set.of(100));
    assertThatThrownBy(() -> away.commit(List.of(100, 200)))
        .hasRootCauseInstanceOf(SQLException.class);
    assertThat(tried).hasSize(1);
  }
}
