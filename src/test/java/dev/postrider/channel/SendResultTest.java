package dev.postrider.channel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SendResultTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 200})
  void anIdThatCanBeKeptSaysThatItWasTaken(int length) {
    assertThat(SendResult.taken("It", "x".repeat(length)))
        .isEqualTo(new SendResult.Accepted("x".repeat(length)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 201, 9000})
  void oneThatCannotBeKeptIsUnclear(int length) {
    assertThat(SendResult.taken("It", "x".repeat(length))).isInstanceOf(SendResult.Unclear.class);
    assertThat(SendResult.taken("It", "\0")).isInstanceOf(SendResult.Unclear.class);
  }
}
