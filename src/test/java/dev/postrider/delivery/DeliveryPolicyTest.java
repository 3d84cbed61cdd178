package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.channel.SendResult;
import dev.postrider.channel.SendResult.Scope;
import dev.postrider.delivery.DeliveryPolicy.Situation;
import dev.postrider.queue.Backoff;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeliveryPolicyTest {
  private final DeliveryPolicy policy =
      new DeliveryPolicy(
          new Backoff(Duration.ofSeconds(4), 3, Duration.ofHours(1)),
          new Backoff(Duration.ofSeconds(1), 2, Duration.ofSeconds(60)));

  private Decision decide(SendResult result, int counted, boolean hold) {
    return policy.decide(result, new Situation(counted, 3, hold, 4), new Random(1));
  }

  private static SendResult deferred(Scope scope, Duration retryAfter) {
    return new SendResult.Deferred(scope, "busy", "busy", Optional.ofNullable(retryAfter));
  }

  @Test
  void handsOffWhatWasAccepted() {
    assertThat(decide(new SendResult.Accepted("id"), 0, false))
        .isEqualTo(new Decision.HandOff("id"));
  }

  @Test
  void givesUpWhatWasRejected() {
    assertThat(decide(new SendResult.Rejected("no", "never"), 0, false))
        .isEqualTo(new Decision.GiveUp("no", "never"));
  }

  @Test
  void countsWhatIsTheMessagesFaultAndGivesUpAfterTheLastAttempt() {
    SendResult deferred = deferred(Scope.MESSAGE, Duration.ofSeconds(30));
    for (int counted = 0; counted < 2; counted++) {
      Decision.Retry retry = (Decision.Retry) decide(deferred, counted, false);
      assertThat(retry.counts()).isTrue();
      assertThat(retry.ambiguous()).isFalse();
      assertThat(retry.after()).isGreaterThanOrEqualTo(Duration.ofSeconds(30));
    }
    assertThat(decide(deferred, 2, false)).isInstanceOf(Decision.GiveUp.class);
  }

  @Test
  void neverGivesUpForWhatIsTheSendersFault() {
    Decision.Retry retry =
        (Decision.Retry) decide(deferred(Scope.SENDER, Duration.ofSeconds(90)), 99, false);
    assertThat(retry.counts()).isFalse();
    assertThat(retry.pause())
        .hasValueSatisfying(it -> assertThat(it).isGreaterThanOrEqualTo(Duration.ofSeconds(90)));
    assertThat(retry.after()).isGreaterThanOrEqualTo(retry.pause().orElseThrow());
  }

  @Test
  void believesNoRetryAfterOfMoreThanAnHour() {
    Decision.Retry retry =
        (Decision.Retry) decide(deferred(Scope.MESSAGE, Duration.ofDays(400)), 0, false);
    assertThat(retry.after()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void repeatsTheUnclearUnlessItIsHeld() {
    SendResult unclear = SendResult.unclear("timeout_after_write", "?");
    assertThat(((Decision.Retry) decide(unclear, 0, false)).ambiguous()).isTrue();
    assertThat(decide(unclear, 2, false)).isInstanceOf(Decision.GiveUp.class);
    assertThat(decide(unclear, 0, true)).isInstanceOf(Decision.Park.class);
    assertThat(decide(unclear, 2, true)).isInstanceOf(Decision.Park.class);
  }
}
