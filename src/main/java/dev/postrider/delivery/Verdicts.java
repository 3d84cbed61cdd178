package dev.postrider.delivery;

import dev.postrider.app.AppId;
import dev.postrider.app.RetryRule;
import dev.postrider.channel.Provider.Found;
import dev.postrider.channel.SendResult;
import dev.postrider.circuit.Circuits;
import dev.postrider.delivery.Attempt.Outcome;
import dev.postrider.message.Dispatch;
import dev.postrider.message.Message;
import dev.postrider.message.Move;
import dev.postrider.message.Outgoing;
import dev.postrider.platform.Wired;
import dev.postrider.queue.Finish;
import dev.postrider.queue.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns what happened to a job into what is written down: its finish, its attempt, its step. */
@Wired
class Verdicts {
  /** Codes of ends that are nobody's answer. */
  static final String UNCERTAIN = "uncertain";

  static final String SENDER_DELETED = "sender_deleted";

  /** Long enough for those that go back with it to be back before it is claimed again. */
  private static final Duration A_MOMENT = Duration.ofMillis(250);

  private final DeliveryPolicy policy;
  private final DeliverySettings settings;
  private final Circuits circuits;
  private final RandomGenerator random;

  Verdicts(DeliverySettings settings, Circuits circuits, RandomGenerator random) {
    this.policy = settings.policy();
    this.settings = settings;
    this.circuits = circuits;
    this.random = random;
  }

  /** Its deadline passed before an attempt. */
  Settlement expired(Job job) {
    return new Settlement(
        new Finish.Done(job),
        null,
        unbegun(
            job, Dispatch.SENDING, Dispatch.EXPIRED, "expired", "expired", "its turn came later"));
  }

  /**
   * Claimed, but not started: its turn came too late, or its sender rests. No attempt is burned.
   */
  Settlement unstarted(Job job, Outgoing outgoing, Duration pause) {
    boolean parked = outgoing.parkedAt() != null;
    // Not beyond its deadline: at that moment it is claimed once more, and found expired.
    Duration left =
        Duration.between(job.databaseNow(System.nanoTime()), outgoing.message().expiresAt());
    Duration wait = parked || pause.compareTo(left) < 0 ? pause : left;
    return new Settlement(
        new Finish.Back(job, atLeast(A_MOMENT, wait), true), null, parked ? null : released(job));
  }

  /** It may not go now: back until it may, or until somebody should look again. */
  Settlement held(Job job, Message message, Hold hold, Instant now) {
    Move move =
        unbegun(job, Dispatch.SENDING, Dispatch.QUEUED, "held." + hold.reason(), null, null);
    if (hold.campaign() != null) {
      return new Settlement(new Finish.Hold(job), null, move, hold.campaign());
    }
    Instant until = hold.until() == null ? now.plus(A_MOMENT) : hold.until();
    // Not beyond its deadline: at that moment it is claimed once more, and found expired.
    Instant next = until.isAfter(message.expiresAt()) ? message.expiresAt() : until;
    return new Settlement(
        new Finish.Back(job, atLeast(A_MOMENT, Duration.between(now, next)), hold.keepsPlace()),
        null,
        move);
  }

  /** Its sender was deleted after it was accepted. */
  Settlement noSender(Job job, Outgoing outgoing) {
    Dispatch from = outgoing.parkedAt() == null ? Dispatch.SENDING : Dispatch.UNCERTAIN;
    return new Settlement(
        new Finish.Done(job),
        null,
        unbegun(job, from, Dispatch.FAILED, "failed", SENDER_DELETED, "its sender was deleted"));
  }

  /** A look-up of a message that must not be sent again. */
  Settlement lookedUp(Job job, Outgoing outgoing, Found found) {
    Instant now = job.databaseNow(System.nanoTime());
    Instant parkedAt = outgoing.parkedAt() == null ? now : outgoing.parkedAt();
    if (found instanceof Found.There(var id)) {
      Attempt attempt = attempt(job, now, now, Outcome.ACCEPTED, "found", null, null, id);
      return new Settlement(
          new Finish.Done(job), attempt, handedOff(job, Dispatch.UNCERTAIN, "found", id));
    }
    if (Duration.between(parkedAt, now).compareTo(settings.uncertainFor()) >= 0) {
      boolean absent = found instanceof Found.NotThere;
      return new Settlement(
          new Finish.Done(job),
          null,
          unbegun(
              job,
              Dispatch.UNCERTAIN,
              Dispatch.FAILED,
              "failed",
              UNCERTAIN,
              absent
                  ? "an attempt was unclear, and the provider does not have it"
                  : "an attempt was unclear, and nothing told whether it arrived"));
    }
    return new Settlement(new Finish.Back(job, settings.lookUpEvery(), false), null, null);
  }

  /**
   * An attempt and its answer. Asks nobody: a call that was made must not be taken for none.
   *
   * @param began {@link System#nanoTime} when it began
   */
  Settlement attempted(
      Job job, Outgoing outgoing, RetryRule rule, SendResult result, long began, Instant finished) {
    Message message = outgoing.message();
    Instant started = job.databaseNow(began);
    Duration senderRests = report(job.lane(), result, began);
    Decision decision =
        policy.decide(
            result,
            new DeliveryPolicy.Situation(
                job.counted(), message.maxAttempts(), message.hold(), senderRests, rule),
            random);
    Outcome outcome = outcome(result);
    String expectedId = result instanceof SendResult.Unclear(_, _, var id) ? id.orElse(null) : null;
    return switch (decision) {
      case Decision.HandOff(var id) ->
          new Settlement(
              new Finish.Done(job),
              attempt(job, started, finished, outcome, null, null, null, id),
              handedOff(job, Dispatch.SENDING, "sent", id));
      case Decision.Retry retry -> {
        // Not beyond its deadline: at that moment it is claimed once more, and found expired.
        Duration left = Duration.between(finished, message.expiresAt());
        Duration after = retry.after().compareTo(left) > 0 ? positive(left) : retry.after();
        yield new Settlement(
            new Finish.Again(job, after, retry.counts(), retry.ambiguous()),
            attempt(
                job,
                started,
                finished,
                outcome,
                retry.code(),
                retry.detail(),
                finished.plus(after),
                expectedId),
            move(
                job,
                Dispatch.SENDING,
                Dispatch.QUEUED,
                outcome.word(),
                retry.code(),
                retry.detail()));
      }
      case Decision.Park(var code, var detail) ->
          new Settlement(
              new Finish.Again(job, settings.lookUpEvery(), true, true),
              attempt(job, started, finished, outcome, code, detail, null, expectedId),
              move(job, Dispatch.SENDING, Dispatch.UNCERTAIN, outcome.word(), code, detail));
      case Decision.GiveUp(var code, var detail, var cause) ->
          new Settlement(
              new Finish.Done(job),
              attempt(job, started, finished, outcome, code, detail, null, expectedId),
              move(job, Dispatch.SENDING, Dispatch.FAILED, cause.word(), code, detail));
    };
  }

  /** Tells the sender's circuit; returns for how long nothing of it goes, if all was put off. */
  private Duration report(long sender, SendResult result, long began) {
    switch (result) {
      case SendResult.Accepted _ -> circuits.succeeded(sender);
      case SendResult.Rejected(_, _, var called) -> {
        if (called) {
          circuits.succeeded(sender);
        } else {
          circuits.notCalled(sender);
        }
      }
      // Attempts that may have arrived always count, so that repeats are bounded. In an outage the
      // circuit opens instead of using up everyone's.
      case SendResult.Unclear(var code, _, _) -> circuits.failed(sender, code, began);
      case SendResult.Deferred(var scope, var code, _, var retryAfter) -> {
        switch (scope) {
          case SENDER -> {
            return circuits.putOff(sender, DeliveryPolicy.asked(retryAfter), code, began);
          }
          case EITHER -> circuits.failed(sender, code, began);
          case MESSAGE -> circuits.succeeded(sender);
        }
      }
    }
    return Duration.ZERO;
  }

  private static Duration atLeast(Duration least, Duration duration) {
    return duration.compareTo(least) > 0 ? duration : least;
  }

  private static Duration positive(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }

  private static Outcome outcome(SendResult result) {
    return switch (result) {
      case SendResult.Accepted _ -> Outcome.ACCEPTED;
      case SendResult.Deferred _ -> Outcome.DEFERRED;
      case SendResult.Rejected _ -> Outcome.REJECTED;
      case SendResult.Unclear _ -> Outcome.UNCLEAR;
    };
  }

  private static Attempt attempt(
      Job job,
      Instant started,
      Instant finished,
      Outcome outcome,
      @Nullable String code,
      @Nullable String detail,
      @Nullable Instant retryAt,
      @Nullable String providerMessageId) {
    return new Attempt(
        job.id(),
        job.attempt(),
        job.appId(),
        job.lane(),
        started,
        finished,
        outcome,
        code,
        detail,
        retryAt,
        providerMessageId);
  }

  private static Move handedOff(
      Job job, Dispatch from, String event, @Nullable String providerMessageId) {
    return new Move(
        new AppId(job.appId()),
        job.id(),
        from,
        Dispatch.HANDED_OFF,
        event,
        job.attempt(),
        null,
        null,
        providerMessageId);
  }

  /**
   * What an acceptance that came too late makes of a message that waits: for a look-up, or for its
   * next attempt. Its job stays: whoever claims it finds nothing left to do.
   */
  static List<Move> arrived(Job job, Move accepted) {
    return Stream.of(Dispatch.UNCERTAIN, Dispatch.QUEUED, Dispatch.SCHEDULED)
        .map(from -> handedOff(job, from, "arrived", accepted.providerMessageId()))
        .toList();
  }

  /** It went back without an attempt. */
  static Move released(Job job) {
    return unbegun(job, Dispatch.SENDING, Dispatch.QUEUED, "released", null, null);
  }

  /** A step of a claim in which no attempt was begun: its number is the next one's. */
  private static Move unbegun(
      Job job,
      Dispatch from,
      Dispatch to,
      String event,
      @Nullable String code,
      @Nullable String detail) {
    return move(job, 0, from, to, event, code, detail);
  }

  static Move move(
      Job job,
      Dispatch from,
      Dispatch to,
      String event,
      @Nullable String code,
      @Nullable String detail) {
    return move(job, job.attempt(), from, to, event, code, detail);
  }

  private static Move move(
      Job job,
      int attempt,
      Dispatch from,
      Dispatch to,
      String event,
      @Nullable String code,
      @Nullable String detail) {
    return new Move(new AppId(job.appId()), job.id(), from, to, event, attempt, code, detail, null);
  }
}
