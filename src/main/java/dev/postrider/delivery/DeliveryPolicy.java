package dev.postrider.delivery;

import dev.postrider.app.RetryRule;
import dev.postrider.channel.RetryAfter;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SendResult.Accepted;
import dev.postrider.channel.SendResult.Deferred;
import dev.postrider.channel.SendResult.Rejected;
import dev.postrider.channel.SendResult.Scope;
import dev.postrider.channel.SendResult.Unclear;
import dev.postrider.queue.Backoff;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Decides; never acts.
 *
 * @param retries between the attempts of one message, where no rule says otherwise
 * @param pauses of a sender whose provider puts everything off
 */
public record DeliveryPolicy(Backoff retries, Backoff pauses) {

  /**
   * What is known when an answer comes.
   *
   * @param counted earlier attempts of this message that count
   * @param maxAttempts how many may count
   * @param hold whether an ambiguous attempt must not be repeated
   * @param deferrals how many times in a row this sender was put off, this time included
   * @param rule what the sender and its application say of retries
   */
  public record Situation(
      int counted, int maxAttempts, boolean hold, int deferrals, RetryRule rule) {
    boolean isLast() {
      return counted + 1 >= maxAttempts;
    }
  }

  public Decision decide(SendResult result, Situation situation, RandomGenerator random) {
    Backoff retries = backoff(situation.rule());
    return switch (judged(result, situation)) {
      case Accepted(var id) -> new Decision.HandOff(id);
      case Rejected(var code, var detail) -> new Decision.GiveUp(code, detail);
      case Unclear(var code, var detail, _) when situation.hold() ->
          new Decision.Park(code, detail);
      case Unclear(var code, var detail, _) when situation.isLast() ->
          new Decision.GiveUp(code, detail);
      case Unclear(var code, var detail, _) ->
          new Decision.Retry(
              retries.after(situation.counted() + 1, random),
              true,
              true,
              Optional.empty(),
              code,
              detail);
      case Deferred(var scope, var code, var detail, _)
          when scope == Scope.MESSAGE && situation.isLast() ->
          new Decision.GiveUp(code, detail);
      case Deferred(var scope, var code, var detail, var retryAfter) when scope == Scope.MESSAGE ->
          new Decision.Retry(
              noEarlierThan(retryAfter, retries.after(situation.counted() + 1, random)),
              true,
              false,
              Optional.empty(),
              code,
              detail);
      case Deferred(_, var code, var detail, var retryAfter) -> {
        // The provider is not there for anyone: nobody's message is given up for that.
        Duration pause = noEarlierThan(retryAfter, pause(situation.deferrals(), random));
        Duration spread = Duration.ofMillis(random.nextLong(pauses.first().toMillis() + 1));
        yield new Decision.Retry(
            pause.plus(spread), false, false, Optional.of(pause), code, detail);
      }
    };
  }

  /** The answer as the rule takes it: what is to be given up at once, what retried all the same. */
  private static SendResult judged(SendResult result, Situation situation) {
    RetryRule rule = situation.rule();
    return switch (result) {
      case Rejected(var code, var detail) when rule.alwaysRetry().contains(code) ->
          new Deferred(Scope.MESSAGE, code, detail, Optional.empty());
      case Deferred(_, var code, var detail, _) when rule.neverRetry().contains(code) ->
          new Rejected(code, detail);
      // What may have arrived and must not be repeated is looked up, whatever the rule.
      case Unclear(var code, var detail, _)
          when rule.neverRetry().contains(code) && !situation.hold() ->
          new Rejected(code, detail);
      default -> result;
    };
  }

  private Backoff backoff(RetryRule rule) {
    Duration first = rule.firstDelay() == null ? retries.first() : rule.firstDelay();
    Duration max = rule.maxDelay() == null ? retries.max() : rule.maxDelay();
    return new Backoff(
        // Where only one of the two is ruled, the other gives way.
        rule.firstDelay() == null && first.compareTo(max) > 0 ? max : first,
        rule.factor() == null ? retries.factor() : rule.factor(),
        rule.maxDelay() == null && first.compareTo(max) > 0 ? first : max);
  }

  /** How long a sender rests that was put off so many times in a row. */
  Duration pause(int deferrals, RandomGenerator random) {
    return pauses.after(deferrals, random);
  }

  /** Never before the time the provider asked for; jitter only adds. */
  private static Duration noEarlierThan(Optional<Duration> asked, Duration own) {
    Duration floor = asked.orElse(Duration.ZERO);
    Duration capped = floor.compareTo(RetryAfter.LONGEST) > 0 ? RetryAfter.LONGEST : floor;
    return own.compareTo(capped) > 0 ? own : capped;
  }
}
