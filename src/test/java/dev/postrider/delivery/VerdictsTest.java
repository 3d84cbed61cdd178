package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.RetryRule;
import dev.postrider.channel.SendResult;
import dev.postrider.circuit.TestCircuits;
import dev.postrider.message.Outgoing;
import dev.postrider.message.TestMessages;
import dev.postrider.queue.Dispatcher;
import dev.postrider.queue.Finish;
import dev.postrider.queue.Job;
import dev.postrider.queue.Priority;
import dev.postrider.queue.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * However long a message would have to wait, its job is due at its deadline: what looks for
 * messages that did not last ({@link ExpireHeld}) looks where something has been due.
 */
class VerdictsTest {
  private static final Duration LEFT = Duration.ofSeconds(20);
  private static final Duration LONG = Duration.ofHours(1);

  private final Verdicts verdicts =
      new Verdicts(
          new DeliverySettings(
              Duration.ofSeconds(4), 3, LONG, Duration.ofMinutes(10), Duration.ofSeconds(30), LONG),
          TestCircuits.withoutDatabase(new Dispatcher(TestSettings.queue())),
          new Random(1));

  private final Instant now = Instant.now();
  private final Job job =
      new Job("deliver", 7, 1, 1, Priority.NORMAL, 0, 1, 0, 0, false, 4711, now, System.nanoTime());
  private final Outgoing outgoing = TestMessages.outgoing(now.plus(LEFT));

  @Test
  void whatGoesBackUnstartedIsDueAtItsDeadline() {
    assertThat(verdicts.unstarted(job, outgoing, LONG).finish())
        .isInstanceOfSatisfying(Finish.Back.class, back -> isAtTheDeadline(back.after()));
    assertThat(verdicts.unstarted(job, outgoing, Duration.ofSeconds(3)).finish())
        .isEqualTo(new Finish.Back(job, Duration.ofSeconds(3), true));
  }

  @Test
  void whatIsHeldIsDueAtItsDeadline() {
    Hold hold = new Hold("quiet_hours", "Quiet hours hold.", now.plus(LONG), false);
    assertThat(verdicts.held(job, outgoing.message(), hold, now).finish())
        .isEqualTo(new Finish.Back(job, LEFT, false));
  }

  @Test
  void whatIsTriedAgainIsDueAtItsDeadline() {
    SendResult later =
        new SendResult.Deferred(SendResult.Scope.MESSAGE, "busy", "it is busy", Optional.of(LONG));
    assertThat(
            verdicts
                .attempted(job, outgoing, RetryRule.NONE, later, System.nanoTime(), now)
                .finish())
        .isEqualTo(new Finish.Again(job, LEFT, true, false));
  }

  private static void isAtTheDeadline(Duration after) {
    assertThat(after).isBetween(LEFT.minusSeconds(2), LEFT);
  }
}
