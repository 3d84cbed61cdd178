package dev.postrider.channel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class HandsetsTest {
  private static final int MEBI = 1024 * 1024;

  private final Handsets handsets = new Handsets();

  private void add(long id, int characters) {
    handsets.add(arrival(1, id, characters));
  }

  private static Handsets.Arrival arrival(long app, long id, int characters) {
    return new Handsets.Arrival(
        app, id, "id", "+15551230000", "text", null, "x".repeat(characters), 1, Instant.EPOCH);
  }

  @Test
  void keepsTheNewestTenThousand() {
    for (long id = 1; id <= 10_001; id++) {
      add(id, 1);
    }
    assertThat(handsets.of(1, null, 20_000))
        .hasSize(10_000)
        .last()
        .matches(it -> it.messageId() == 2);
  }

  /** However long they are, they take no more than a node has for them. */
  @Test
  void keepsFewerWhereTheyAreLong() {
    for (long id = 1; id <= 60; id++) {
      add(id, MEBI / 10);
    }
    assertThat(handsets.of(1, null, 100)).as("a page ends early").hasSize(6);
    for (long id = 1; id <= 20; id++) {
      handsets.add(arrival(2, id, 1));
    }
    assertThat(handsets.of(2, null, 100)).hasSize(20);
    add(61, 5 * MEBI);
    assertThat(handsets.of(1, null, 10)).as("one, whatever it takes").hasSize(1);
    assertThat(handsets.of(2, null, 100)).as("and no other").isEmpty();
  }
}
