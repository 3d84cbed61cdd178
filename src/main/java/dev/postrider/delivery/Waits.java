package dev.postrider.delivery;

import dev.postrider.app.Apps;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.JobQueue.Claim;
import dev.postrider.queue.JobQueue.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Why a message is where it is for which there is something to do, and when it is done. */
final class Waits {
  /** A wait that is over before anybody could do something about it. */
  private static final Duration SHORT = Duration.ofSeconds(5);

  private final Facts facts;
  private final Facts.Waiting waiting;
  private final Instant now;

  private Waits(Facts facts, Facts.Waiting waiting) {
    this.facts = facts;
    this.waiting = waiting;
    this.now = facts.now();
  }

  static Because because(Facts facts, Facts.Waiting waiting) {
    return new Waits(facts, waiting).because();
  }

  private Because because() {
    Optional<Claim> claim = facts.job().flatMap(Standing::claim);
    return switch (facts.stored().status()) {
      case UNCERTAIN -> uncertain();
      case SENDING -> sending(claim);
      case PENDING -> claim.isPresent() ? sending(claim) : withinItsDeadline(pending());
      case SCHEDULED -> claim.isPresent() ? sending(claim) : withinItsDeadline(scheduled());
      case SENT, DELIVERED, READ, FAILED, EXPIRED, CANCELED ->
          throw new IllegalStateException(facts.stored().status() + " does not wait");
    };
  }

  /**
   * What its deadline makes of a wait: what would go later does not go. It ends then, or, where it
   * was moved behind another one until later, about that time.
   */
  private Because withinItsDeadline(Because wait) {
    Instant deadline = facts.stored().message().expiresAt();
    Instant ends = latest(latest(deadline, now), runAt().orElse(null));
    if (!deadline.isAfter(now)) {
      return new Because(wait.sentence(), "expires", ends)
          .and("Its deadline, " + deadline + ", has passed meanwhile: it will expire, not go.");
    }
    if (wait.next() == null) {
      return wait.and("Unless that ends before, it expires at " + deadline + ".")
          .withNext(deadline);
    }
    if (wait.next().isBefore(deadline)) {
      return wait;
    }
    return wait.and(
            ends.equals(deadline)
                ? "It expires first, at " + deadline + "."
                : "Its deadline, "
                    + deadline
                    + ", comes first: it expires then, or at about "
                    + ends
                    + ".")
        .withNext(ends);
  }

  private Because scheduled() {
    Instant at = facts.stored().message().scheduledFor();
    if (at == null) {
      return pending();
    }
    if (!at.isAfter(now)) {
      Because since = pending();
      return new Because(
          "Its time, " + at + ", has come. " + since.sentence(), since.reason(), since.next());
    }
    String sentence = "It is scheduled for " + at;
    boolean usable = waiting.sender() == Facts.Sender.THERE;
    // Of those that end by themselves what holds now says nothing of that time.
    List<Hold> people = waiting.holds().stream().filter(hold -> hold.until() == null).toList();
    if (!people.isEmpty()) {
      return new Because(sentence + ".", people.getFirst().reason(), null)
          .and(sentences(people))
          .and(usable ? "" : broken("", at).sentence());
    }
    if (!usable) {
      return broken(sentence + ". ", at);
    }
    Instant turn = latest(at, runAt().orElse(at));
    Optional<Hold> quiet = waiting.quiet().apply(at);
    if (quiet.isPresent()) {
      turn = latest(turn, quiet.get().until());
      sentence += ", which quiet hours move to " + turn;
    } else if (turn.isAfter(at)) {
      sentence += ", and was put off until " + turn;
    }
    return new Because(sentence + ".", "scheduled", turn);
  }

  private Because pending() {
    boolean usable = waiting.sender() == Facts.Sender.THERE;
    if (!waiting.holds().isEmpty()) {
      Because held = held(waiting.holds());
      return usable ? held : held.and(broken("", now).sentence());
    }
    if (facts.job().isEmpty()) {
      return new Because("It is on its way to its next step.", "queued", now);
    }
    if (runAt().isEmpty()) {
      return new Because(
          "It was held by its campaign's pause, and is being woken.", "campaign_paused", now);
    }
    Instant at = runAt().get();
    if (!usable) {
      return broken("", latest(at, now));
    }
    boolean later = at.isAfter(now);
    boolean retries = later && facts.last().isPresent();
    if (waiting.circuit().delays()) {
      Instant trial = waiting.circuit().next(now);
      // What the circuit put off comes back spread over a moment after it.
      return retries && at.isAfter(trial.plus(DeliveryPolicy.SPREAD.multipliedBy(2)))
          ? retry(at).and(waiting.circuit().because(now) + ".")
          : new Because(
              waiting.circuit().because(now) + last() + ".", "circuit_open", latest(at, trial));
    }
    if (waiting.rests().isPositive()) {
      Instant over = now.plus(waiting.rests());
      return retries && at.isAfter(over.plus(DeliveryPolicy.SPREAD.multipliedBy(2)))
          ? retry(at)
          : resting(latest(at, over), over);
    }
    boolean behind = waiting.turn().first().isPresent();
    if (behind && !retries && (later || waiting.pace().isEmpty())) {
      return inOrder(at);
    }
    if (later) {
      return retries ? retry(at) : putBack(at);
    }
    return waiting.pace().map(this::paced).orElseGet(this::queued);
  }

  /** As the node knows that was asked; of circuits it reads what all have written down. */
  private Because resting(Instant next, Instant over) {
    return waiting.circuit().staysClosed()
        ? new Because(
            "Its provider takes nothing now, which forcing its sender's circuit closed does not"
                + " change: it is asked again at about "
                + over
                + last()
                + ".",
            "provider_pause",
            next)
        : new Because(
            "Its sender's circuit has opened; the next call is made at about "
                + over
                + last()
                + ".",
            "circuit_open",
            next);
  }

  /** There is no sender that could be used. */
  private Because broken(String before, Instant at) {
    return waiting.sender() == Facts.Sender.DELETED
        ? new Because(
            before + "Its sender was deleted: it fails when its turn comes.", "sender_deleted", at)
        : new Because(
            before
                + "Its sender's credentials do not open: they were sealed with another master key."
                + " It is tried again all the time until they do.",
            "sender_sealed",
            null);
  }

  private Because held(List<Hold> holds) {
    Instant next = null;
    if (holds.stream().allMatch(hold -> hold.until() != null)) {
      next = latest(now, runAt().orElse(now));
      for (Hold hold : holds) {
        next = latest(next, Objects.requireNonNull(hold.until()));
      }
    }
    return new Because(sentences(holds), holds.getFirst().reason(), next)
        .and(facts.last().map(attempt -> Because.sentence(told(attempt))).orElse(""));
  }

  private Because inOrder(Instant at) {
    return new Because(
        "Another message to its recipient, "
            + waiting.turn().first().orElseThrow()
            + ", must end first"
            + (at.isAfter(now.plus(SHORT)) ? "; it looks again at " + at : "")
            + ".",
        "in_order",
        latest(at, now));
  }

  private Because retry(Instant at) {
    return new Because(
        "It waits for its next attempt, at " + at + last() + "." + quietThen(at),
        "waiting_for_retry",
        latest(at, quietUntil(at)));
  }

  private Because putBack(Instant at) {
    return new Because(
        "It was put back until "
            + at
            + (at.isAfter(now.plus(SHORT))
                ? " by something that holds no longer; PATCH its scheduled_for to move it sooner."
                : ", for a moment."),
        "put_back",
        at);
  }

  private Because paced(Apps.Paced pace) {
    JobQueue.Turn turn = waiting.turn();
    Instant next = turn.nextPlace().map(it -> pace.place(it, now)).orElse(now);
    Instant place = latest(next, now).plus(pace.mean().multipliedBy(turn.ahead()));
    return new Because(
        "It is due and waits for its turn: its sender sends one message in "
            + Because.spoken(pace.mean())
            + "; "
            + before(turn.ahead())
            + "; its turn is at about "
            + place
            + last()
            + "."
            + quietThen(place),
        "paced",
        latest(place, quietUntil(place)));
  }

  private Because queued() {
    return new Because(
        "It is due and waits for a free place; " + before(waiting.turn().ahead()) + last() + ".",
        "queued",
        now);
  }

  private static String before(long ahead) {
    if (ahead == 0) {
      return "it is its sender's next";
    }
    return (ahead < JobQueue.MOST_AHEAD ? "" : "at least ")
        + ahead
        + (ahead == 1 ? " message of its sender goes" : " messages of its sender go")
        + " before it";
  }

  private String quietThen(Instant at) {
    return waiting.quiet().apply(at).isEmpty() ? "" : " Quiet hours will hold it then.";
  }

  private Instant quietUntil(Instant at) {
    Instant end = waiting.quiet().apply(at).map(Hold::until).orElse(null);
    return end == null ? at : end;
  }

  private Because sending(Optional<Claim> claim) {
    if (claim.isEmpty()) {
      return new Because("It is on its way to its next step.", "sending", now);
    }
    Instant lease = claim.get().leaseUntil();
    int crashes = facts.job().map(Standing::crashes).orElse(0);
    return new Because(
            "A node has it since "
                + claim.get().at()
                + "; attempt "
                + facts.job().map(Standing::attempt).orElse(facts.stored().attempts())
                + " is under way or about to begin. "
                + (lease.isAfter(now)
                    ? "If that node dies, it is taken back after " + lease + "."
                    : "That node's time was over at " + lease + ": it is being taken back."),
            "sending",
            latest(lease, now))
        .and(
            crashes == 0
                ? ""
                : "A node died "
                    + crashes
                    + " of at most "
                    + waiting.maxCrashes()
                    + " times while it had it.");
  }

  private Because uncertain() {
    String sentence =
        "An attempt may have arrived, and it must not be repeated (on_ambiguous=hold). ";
    Instant look = latest(runAt().orElse(now), now.plus(waiting.rests()));
    if (waiting.sender() != Facts.Sender.THERE) {
      return broken(sentence, look);
    }
    List<Hold> people = waiting.holds().stream().filter(hold -> hold.until() == null).toList();
    boolean held = people.stream().anyMatch(hold -> !hold.reason().equals("campaign_paused"));
    Instant until =
        facts.last().map(it -> it.finishedAt().plus(waiting.uncertainFor())).orElse(look);
    String end = " it fails at the first look after " + until + ".";
    if (held) {
      return new Because(
          sentence
              + (facts.reports() ? "A receipt would settle it. " : "")
              + "Nothing else is done about it for now. "
              + sentences(people),
          "uncertain",
          null);
    }
    String settled;
    if (waiting.looksUp()) {
      settled =
          facts.reports() ? "A receipt or a look-up settles it, or" : "A look-up settles it, or";
    } else {
      settled =
          facts.reports()
              ? "Its provider cannot be asked: a receipt settles it, or"
              : "Its provider neither reports nor can be asked:";
    }
    String circuit = waiting.circuit().delays() ? " " + waiting.circuit().because(now) + "." : "";
    return new Because(
        sentence + settled + end + circuit,
        "uncertain",
        waiting.circuit().delays() ? latest(look, waiting.circuit().next(now)) : look);
  }

  private static String sentences(List<Hold> holds) {
    return holds.stream().map(Hold::because).collect(Collectors.joining(" "));
  }

  private Optional<Instant> runAt() {
    return facts.job().flatMap(Standing::runAt);
  }

  private static Instant latest(Instant one, @Nullable Instant other) {
    return other == null || one.isAfter(other) ? one : other;
  }

  private String last() {
    return facts.last().map(attempt -> "; " + told(attempt)).orElse("");
  }

  /** How an attempt ended, without a full stop. */
  static String told(Attempt attempt) {
    return "attempt "
        + attempt.number()
        + " was "
        + attempt.outcome().word().replace('_', ' ')
        + (attempt.detail() == null ? "" : ": " + attempt.detail());
  }
}
