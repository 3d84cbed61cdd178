package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.RetryRule;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SendResult.Scope;
import dev.postrider.delivery.Decision.Cause;
import dev.postrider.delivery.DeliveryPolicy.Situation;
import dev.postrider.queue.Backoff;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeliveryPolicyTest {
  private final DeliveryPolicy policy =
      new DeliveryPolicy(new Backoff(Duration.ofSeconds(4), 3, Duration.ofHours(1)));
  private static final Duration RESTS = Duration.ofSeconds(100);

  private Decision decide(SendResult result, int counted, boolean hold) {
    return decide(result, counted, hold, RetryRule.NONE);
  }

  private Decision decide(SendResult result, int counted, boolean hold, RetryRule rule) {
    return policy.decide(result, new Situation(counted, 3, hold, RESTS, rule), new Random(1));
  }

  private static SendResult deferred(Scope scope, @Nullable Duration retryAfter) {
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
        .isEqualTo(new Decision.GiveUp("no", "never", Cause.REJECTED));
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
    assertThat(retry.after()).as("while its sender rests").isGreaterThanOrEqualTo(RESTS);
    Decision.Retry asked =
        (Decision.Retry) decide(deferred(Scope.SENDER, Duration.ofMinutes(15)), 99, false);
    assertThat(asked.after()).isGreaterThanOrEqualTo(Duration.ofMinutes(15));
  }

  @Test
  void believesNoRetryAfterOfMoreThanAnHour() {
    Decision.Retry retry =
        (Decision.Retry) decide(deferred(Scope.MESSAGE, Duration.ofDays(400)), 0, false);
    assertThat(retry.after()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void aRuleSaysWhichAnswersAreFinal() {
    RetryRule rule = new RetryRule(null, null, null, null, Set.of("busy", "timeout"), Set.of("no"));
    assertThat(decide(deferred(Scope.MESSAGE, null), 0, false, rule))
        .isEqualTo(new Decision.GiveUp("busy", "busy", Cause.RULED_OUT));
    assertThat(decide(deferred(Scope.SENDER, null), 0, false, rule))
        .isEqualTo(new Decision.GiveUp("busy", "busy", Cause.RULED_OUT));
    SendResult rejected = new SendResult.Rejected("no", "never");
    assertThat(decide(rejected, 0, false, rule)).isInstanceOf(Decision.Retry.class);
    assertThat(decide(rejected, 2, false, rule))
        .isEqualTo(new Decision.GiveUp("no", "never", Cause.RAN_OUT));
    SendResult unclear = SendResult.unclear("timeout", "?");
    assertThat(decide(unclear, 0, false, rule)).isInstanceOf(Decision.GiveUp.class);
    assertThat(decide(unclear, 0, true, rule))
        .as("what may have arrived is looked up all the same")
        .isInstanceOf(Decision.Park.class);
  }

  @Test
  void aRuleSaysHowLongToWait() {
    RetryRule rule =
        new RetryRule(
            null, Duration.ofSeconds(100), 1, Duration.ofSeconds(100), Set.of(), Set.of());
    for (int counted = 0; counted < 2; counted++) {
      for (int i = 0; i < 50; i++) {
        Decision.Retry retry =
            (Decision.Retry) decide(deferred(Scope.MESSAGE, null), counted, false, rule);
        assertThat(retry.after()).isLessThanOrEqualTo(Duration.ofSeconds(100));
      }
    }
    Duration longest = Duration.ZERO;
    Random random = new Random(2);
    for (int i = 0; i < 50; i++) {
      Decision.Retry retry =
          (Decision.Retry)
              policy.decide(
                  deferred(Scope.MESSAGE, null), new Situation(0, 3, false, RESTS, rule), random);
      longest = retry.after().compareTo(longest) > 0 ? retry.after() : longest;
    }
    assertThat(longest).isGreaterThan(Duration.ofSeconds(50));
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
