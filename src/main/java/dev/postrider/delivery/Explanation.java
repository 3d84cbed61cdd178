package dev.postrider.delivery;

import dev.postrider.message.Message;
import dev.postrider.message.StoredMessage;
import dev.postrider.queue.JobQueue.Standing;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Why a message is where it is, and when it moves next.
 *
 * @param because a few sentences for a person
 * @param reason the same for a program
 * @param nextMoveAt when something happens next by itself; null when nothing will
 * @param holds what holds it back now, one by one: after the end of one it meets the next
 * @param attempts how many were made, with the one under way
 * @param attemptsCounted those that count against {@code maxAttempts}; null once it has ended
 * @param mayHaveArrived the numbers of attempts whose end nobody saw
 */
public record Explanation(
    long messageId,
    String status,
    String because,
    String reason,
    @Nullable Instant nextMoveAt,
    List<HoldView> holds,
    int attempts,
    @Nullable Integer attemptsCounted,
    int maxAttempts,
    Instant expiresAt,
    List<Integer> mayHaveArrived,
    @Nullable LastAttempt lastAttempt) {

  /** The newest attempt that ended. */
  public record LastAttempt(
      int attempt,
      Instant finishedAt,
      String outcome,
      @Nullable String code,
      @Nullable String detail) {
    static LastAttempt of(Attempt attempt) {
      return new LastAttempt(
          attempt.number(),
          attempt.finishedAt(),
          attempt.outcome().word(),
          attempt.code(),
          attempt.detail());
    }
  }

  static Explanation of(Facts facts) {
    StoredMessage stored = facts.stored();
    Message message = stored.message();
    Because because =
        facts
            .waiting()
            .map(waiting -> Waits.because(facts, waiting))
            .orElseGet(() -> Ends.because(facts))
            .and(mayHaveArrived(facts));
    return new Explanation(
        message.id(),
        stored.status().word(),
        because.sentence(),
        because.reason(),
        because.next(),
        facts.waiting().map(Facts.Waiting::holds).orElse(List.of()).stream()
            .map(HoldView::of)
            .toList(),
        stored.attempts(),
        facts.waiting().flatMap(_ -> facts.job()).map(Standing::counted).orElse(null),
        message.maxAttempts(),
        message.expiresAt(),
        facts.mayHaveArrived(),
        facts.last().map(LastAttempt::of).orElse(null));
  }

  /** Whoever is about to send it again must know. */
  private static String mayHaveArrived(Facts facts) {
    List<Integer> numbers = facts.mayHaveArrived();
    if (numbers.isEmpty()) {
      return "";
    }
    String which =
        (numbers.size() == 1 ? "Attempt " : "Attempts ")
            + numbers.stream().map(String::valueOf).collect(Collectors.joining(", "))
            + " may have arrived";
    return switch (facts.stored().status()) {
      case SENT, DELIVERED, READ -> which + (numbers.size() == 1 ? ", too." : ", each of them.");
      case UNCERTAIN -> "";
      case FAILED, EXPIRED, CANCELED ->
          // That end says it itself.
          Verdicts.UNCERTAIN.equals(facts.endCode())
              ? ""
              : which + " all the same: sent again, it may come twice.";
      case SCHEDULED, PENDING, SENDING -> which + " already: it may come twice.";
    };
  }
}
