package dev.postrider.delivery;

import dev.postrider.app.Apps;
import dev.postrider.circuit.CircuitState;
import dev.postrider.message.Dispatch;
import dev.postrider.message.Message;
import dev.postrider.message.MessageStatus;
import dev.postrider.message.StoredMessage;
import dev.postrider.queue.JobQueue.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Why a message is where it is, and when it moves next.
 *
 * @param because one sentence for a person
 * @param reason the same for a program
 * @param attemptsCounted those that count against {@code maxAttempts}; null once it has ended
 * @param nextMoveAt when something happens next by itself; null when nothing will
 */
public record Explanation(
    long messageId,
    String status,
    String because,
    String reason,
    @Nullable Instant nextMoveAt,
    int attempts,
    @Nullable Integer attemptsCounted,
    int maxAttempts,
    Instant expiresAt,
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

  /** What an explanation is made from. */
  record Facts(
      StoredMessage stored,
      Optional<Standing> job,
      Optional<Attempt> last,
      CircuitState circuit,
      boolean senderGone,
      Optional<Hold> hold,
      Optional<Apps.Paced> pace,
      Duration uncertainFor) {}

  private record Because(String sentence, String reason, @Nullable Instant next) {}

  static Explanation of(Facts facts) {
    StoredMessage stored = facts.stored();
    Message message = stored.message();
    Because because = because(facts);
    return new Explanation(
        message.id(),
        stored.status().word(),
        because.sentence(),
        because.reason(),
        because.next(),
        stored.attempts(),
        stored.dispatch().isTerminal() ? null : facts.job().map(Standing::counted).orElse(null),
        message.maxAttempts(),
        message.expiresAt(),
        facts.last().map(LastAttempt::of).orElse(null));
  }

  private static Because because(Facts facts) {
    StoredMessage stored = facts.stored();
    MessageStatus status = stored.status();
    return switch (status) {
      case READ -> new Because("The recipient read it at " + stored.readAt() + ".", "read", null);
      case DELIVERED ->
          new Because(
              "It reached the recipient at " + stored.deliveredAt() + ".", "delivered", null);
      case SENT ->
          new Because(
              "The provider took it at "
                  + stored.sentAt()
                  + " and has not reported its delivery; not every provider and recipient does.",
              "awaiting_receipt",
              null);
      case CANCELED ->
          new Because("It was canceled at " + stored.endedAt() + ".", "canceled", null);
      case EXPIRED ->
          new Because(
              "Its deadline, "
                  + stored.message().expiresAt()
                  + ", passed before it could be sent"
                  + last(facts)
                  + ".",
              "expired",
              null);
      case FAILED -> failed(facts);
      case UNCERTAIN -> uncertain(facts);
      case SCHEDULED -> scheduled(facts);
      case SENDING -> sending(facts);
      case PENDING -> pending(facts);
    };
  }

  private static Because scheduled(Facts facts) {
    Instant at = facts.stored().message().scheduledFor();
    Instant turn = runAt(facts);
    boolean later = turn != null && at != null && turn.isAfter(at);
    return new Because(
        "It is scheduled for "
            + at
            + (later ? ", which quiet hours, or a deadline in them, move to " + turn : "")
            + "."
            // Quiet hours that hold now say nothing of that time; a pause may outlast it.
            + facts
                .hold()
                .filter(hold -> hold.until() == null)
                .map(hold -> " " + hold.because())
                .orElse(""),
        "scheduled",
        turn == null ? at : turn);
  }

  private static Because failed(Facts facts) {
    StoredMessage stored = facts.stored();
    if (stored.dispatch() == Dispatch.HANDED_OFF) {
      return new Because(
          "The provider took it and then reported that it failed"
              + (stored.detail() == null ? "" : ": " + stored.detail())
              + ".",
          "provider_failed",
          null);
    }
    if (stored.dispatch() == Dispatch.DEAD) {
      return new Because(
          "It was given up because nodes crashed while sending it; look at it before sending it"
              + " again.",
          "crashes",
          null);
    }
    String code = stored.code() == null ? "unknown" : stored.code();
    boolean rejected =
        !facts.last().isEmpty() && facts.last().get().outcome() == Attempt.Outcome.REJECTED;
    String why = stored.detail() == null ? code : stored.detail();
    if (rejected) {
      return new Because("The provider rejected it: " + why + " (" + code + ").", code, null);
    }
    if (facts.last().isEmpty() || Set.of("uncertain", "sender_deleted").contains(code)) {
      return new Because("It was given up: " + why + " (" + code + ").", code, null);
    }
    boolean ranOut = stored.attempts() >= stored.message().maxAttempts();
    return new Because(
        (ranOut
                ? "It ran out of attempts"
                : "Its retry rule gave it up after attempt " + stored.attempts())
            + "; the last answer was: "
            + why
            + " ("
            + code
            + ").",
        code,
        null);
  }

  private static Because uncertain(Facts facts) {
    Instant until = parkedUntil(facts);
    return new Because(
        "An attempt may have arrived, and it must not be repeated (on_ambiguous=hold). A receipt or a"
            + " look-up will settle it"
            + (until == null ? "." : ", or it fails at " + until + "."),
        "uncertain",
        runAt(facts));
  }

  private static @Nullable Instant parkedUntil(Facts facts) {
    return facts.last().isEmpty()
        ? null
        : facts.last().get().finishedAt().plus(facts.uncertainFor());
  }

  private static Because sending(Facts facts) {
    return new Because(
        "A node has claimed it and is making attempt "
            + facts.stored().attempts()
            + "; if that node dies, it is taken back when its lease runs out.",
        "sending",
        facts.job().map(Standing::now).orElse(null));
  }

  private static Because pending(Facts facts) {
    if (facts.senderGone()) {
      return new Because(
          "Its sender was deleted; it will fail when its turn comes.",
          "sender_deleted",
          runAt(facts));
    }
    if (facts.hold().isPresent()) {
      Hold hold = facts.hold().get();
      return new Because(hold.because(), hold.reason(), hold.until());
    }
    if (facts.circuit().delays()) {
      Instant next = facts.circuit().next(facts.job().map(Standing::now).orElse(Instant.MIN));
      return new Because(
          facts.circuit().because() + last(facts) + ".",
          "circuit_open",
          runAtOf(facts).map(at -> latest(at, next)).orElse(next));
    }
    boolean waits =
        runAtOf(facts).map(at -> at.isAfter(facts.job().orElseThrow().now())).orElse(false);
    if (waits && facts.last().isEmpty()) {
      return new Because(
          "It waits for its turn: an earlier message to its recipient goes first, or it was put back"
              + " for a moment.",
          "in_order",
          runAt(facts));
    }
    if (waits) {
      return new Because(
          "It waits for its next attempt" + last(facts) + ".", "waiting_for_retry", runAt(facts));
    }
    if (facts.pace().isPresent()) {
      return new Because(
          "It is due and waits for its turn: its sender sends one message in "
              + facts.pace().get().interval().toMillis()
              + " ms"
              + last(facts)
              + ".",
          "paced",
          runAt(facts));
    }
    return new Because(
        "It is due and waits for a free place at its sender" + last(facts) + ".",
        "queued",
        runAt(facts));
  }

  private static @Nullable Instant runAt(Facts facts) {
    return runAtOf(facts).orElse(null);
  }

  private static Optional<Instant> runAtOf(Facts facts) {
    return facts.job().flatMap(Standing::runAt);
  }

  private static Instant latest(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static String last(Facts facts) {
    if (facts.last().isEmpty()) {
      return "";
    }
    Attempt last = facts.last().get();
    return "; attempt "
        + last.number()
        + " was "
        + last.outcome().word().replace('_', ' ')
        + (last.detail() == null ? "" : ": " + last.detail());
  }
}
