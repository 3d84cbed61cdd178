package dev.postrider.delivery;

import dev.postrider.app.RetryRule;
import dev.postrider.channel.RetryAfter;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SendResult.Accepted;
import dev.postrider.channel.SendResult.Deferred;
import dev.postrider.channel.SendResult.Rejected;
import dev.postrider.channel.SendResult.Scope;
import dev.postrider.channel.SendResult.Unclear;
import dev.postrider.delivery.Decision.Cause;
import dev.postrider.queue.Backoff;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Decides; never acts.
 *
 * @param retries between the attempts of one message, where no rule says otherwise
 */
public record DeliveryPolicy(Backoff retries) {
  /** Messages whose sender was put off come back spread over so much, not all at once. */
  static final Duration SPREAD = Duration.ofSeconds(1);

  /**
   * What is known when an answer comes.
   *
   * @param counted earlier attempts of this message that count
   * @param maxAttempts how many may count
   * @param hold whether an ambiguous attempt must not be repeated
   * @param senderRests for how long nothing of its sender goes, when all of it was put off
   * @param rule what the sender and its application say of retries
   */
  public record Situation(
      int counted, int maxAttempts, boolean hold, Duration senderRests, RetryRule rule) {
    boolean isLast() {
      return counted + 1 >= maxAttempts;
    }
  }

  public Decision decide(SendResult result, Situation situation, RandomGenerator random) {
    Backoff retries = backoff(situation.rule());
    return switch (judged(result, situation)) {
      case Accepted(var id) -> new Decision.HandOff(id);
      case Rejected(var code, var detail, _) ->
          new Decision.GiveUp(
              code, detail, result instanceof Rejected ? Cause.REJECTED : Cause.RULED_OUT);
      case Unclear(var code, var detail, _) when situation.hold() ->
          new Decision.Park(code, detail);
      case Unclear(var code, var detail, _) when situation.isLast() ->
          new Decision.GiveUp(code, detail, Cause.RAN_OUT);
      case Unclear(var code, var detail, _) ->
          new Decision.Retry(
              retries.after(situation.counted() + 1, random), true, true, code, detail);
      case Deferred(var scope, var code, var detail, _)
          when scope != Scope.SENDER && situation.isLast() ->
          new Decision.GiveUp(code, detail, Cause.RAN_OUT);
      case Deferred(var scope, var code, var detail, var retryAfter) when scope != Scope.SENDER ->
          new Decision.Retry(
              noEarlierThan(retryAfter, retries.after(situation.counted() + 1, random)),
              true,
              false,
              code,
              detail);
      case Deferred(_, var code, var detail, var retryAfter) -> {
        // The provider is not there for anyone: nobody's message is given up for that.
        Duration rest = noEarlierThan(retryAfter, situation.senderRests());
        Duration spread = Duration.ofMillis(random.nextLong(SPREAD.toMillis() + 1));
        yield new Decision.Retry(rest.plus(spread), false, false, code, detail);
      }
    };
  }

  /** The answer as the rule takes it: what is to be given up at once, what retried all the same. */
  private static SendResult judged(SendResult result, Situation situation) {
    RetryRule rule = situation.rule();
    return switch (result) {
      case Rejected(var code, var detail, _) when rule.alwaysRetry().contains(code) ->
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

  /** For how long a provider asked to be left alone, as far as that is believed. */
  static Duration asked(Optional<Duration> retryAfter) {
    Duration asked = retryAfter.orElse(Duration.ZERO);
    return asked.compareTo(RetryAfter.LONGEST) > 0 ? RetryAfter.LONGEST : asked;
  }

  /** Never before the time the provider asked for; jitter only adds. */
  private static Duration noEarlierThan(Optional<Duration> asked, Duration own) {
    Duration capped = asked(asked);
    return own.compareTo(capped) > 0 ? own : capped;
  }
}
