package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.RetryRule;
import dev.postrider.campaign.Seed;
import dev.postrider.channel.RetryAfter;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SendResult.Scope;
import dev.postrider.delivery.DeliveryPolicy.Situation;
import dev.postrider.queue.Backoff;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for every answer in every situation. */
class DeliveryPolicyPropertiesTest {
  private static final int CASES = 20_000;
  private final Random random = new Random(Seed.value());

  private Backoff backoff() {
    Duration first = Duration.ofMillis(random.nextInt(10_000));
    return new Backoff(first, 1 + random.nextInt(5), first.plusMillis(random.nextInt(3_600_000)));
  }

  private SendResult result() {
    Optional<Duration> wait =
        random.nextBoolean()
            ? Optional.empty()
            : Optional.of(Duration.ofSeconds(random.nextLong(10_000_000)));
    return switch (random.nextInt(6)) {
      case 0 -> new SendResult.Accepted("id");
      case 1 -> new SendResult.Rejected("no", "never");
      case 2 -> new SendResult.Deferred(Scope.MESSAGE, "busy", "busy", wait);
      case 3 -> new SendResult.Deferred(Scope.SENDER, "busy", "busy", wait);
      case 4 -> new SendResult.Deferred(Scope.EITHER, "busy", "busy", wait);
      default -> SendResult.unclear("reset_after_write", "?");
    };
  }

  @Test
  void everyDecisionKeepsThePromises() {
    for (int i = 0; i < CASES; i++) {
      Backoff retries = backoff();
      int most = 1 + random.nextInt(10);
      Situation situation =
          new Situation(
              random.nextInt(most + 2),
              most,
              random.nextBoolean(),
              Duration.ofMillis(random.nextInt(600_000)),
              RetryRule.NONE);
      SendResult result = result();
      Decision decision = new DeliveryPolicy(retries).decide(result, situation, random);
      String what = "seed %s: %s in %s: %s".formatted(Seed.value(), result, situation, decision);
      check(what, retries, situation, result, decision);
    }
  }

  private static void check(
      String what, Backoff retries, Situation situation, SendResult result, Decision decision) {
    boolean last = situation.counted() + 1 >= situation.maxAttempts();
    switch (decision) {
      case Decision.HandOff _ ->
          assertThat(result).as(what).isInstanceOf(SendResult.Accepted.class);
      case Decision.Park _ -> {
        assertThat(result).as(what).isInstanceOf(SendResult.Unclear.class);
        assertThat(situation.hold()).as(what).isTrue();
      }
      case Decision.GiveUp _ -> {
        boolean rejected = result instanceof SendResult.Rejected;
        boolean sendersFault =
            result instanceof SendResult.Deferred deferred && deferred.scope() == Scope.SENDER;
        assertThat(rejected || last).as(what).isTrue();
        assertThat(sendersFault).as(what).isFalse();
      }
      case Decision.Retry retry -> {
        // At-most-once is at most once: what may have arrived is never repeated when it is held.
        boolean unclear = result instanceof SendResult.Unclear;
        assertThat(unclear && situation.hold()).as(what).isFalse();
        assertThat(retry.ambiguous()).as(what).isEqualTo(unclear);
        // What does not count may go on for ever, so it must be what rests the whole sender.
        boolean sendersFault =
            result instanceof SendResult.Deferred deferred && deferred.scope() == Scope.SENDER;
        assertThat(retry.counts()).as(what).isEqualTo(!sendersFault);
        assertThat(retry.counts() && last).as(what).isFalse();
        assertThat(retry.after().isNegative()).as(what).isFalse();
        Duration told = told(result);
        assertThat(retry.after()).as(what).isGreaterThanOrEqualTo(told);
        if (sendersFault) {
          assertThat(retry.after()).as(what).isGreaterThanOrEqualTo(situation.senderRests());
        } else {
          Duration longest = retries.ceiling(situation.counted() + 1);
          assertThat(retry.after())
              .as(what)
              .isLessThanOrEqualTo(longest.compareTo(told) > 0 ? longest : told);
        }
      }
    }
  }

  /** What the provider asked for, as far as it is believed. */
  private static Duration told(SendResult result) {
    Duration asked =
        result instanceof SendResult.Deferred deferred
            ? deferred.retryAfter().orElse(Duration.ZERO)
            : Duration.ZERO;
    return asked.compareTo(RetryAfter.LONGEST) > 0 ? RetryAfter.LONGEST : asked;
  }
}
