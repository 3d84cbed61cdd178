package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.app.SenderId;
import dev.postrider.channel.Content;
import dev.postrider.circuit.CircuitState;
import dev.postrider.delivery.Facts.Sender;
import dev.postrider.message.Dispatch;
import dev.postrider.message.LogEntry;
import dev.postrider.message.Message;
import dev.postrider.message.MessageClass;
import dev.postrider.message.MessageStatus;
import dev.postrider.message.StoredMessage;
import dev.postrider.platform.Correlation;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is said of a message, state by state. */
class ExplanationTest {
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
  private static final Instant SOON = NOW.plusSeconds(60);
  private static final Instant DEADLINE = NOW.plusSeconds(3600);
  private static final Instant TOO_LATE = DEADLINE.plusSeconds(60);
  private static final Hold PAUSED = new Hold("paused", "Its sender is paused.", null, true);

  private Dispatch dispatch = Dispatch.QUEUED;
  private @Nullable Instant scheduledFor;
  private Instant expiresAt = DEADLINE;
  private @Nullable Instant providerFailedAt;
  private @Nullable Instant deliveredAt;
  private @Nullable Instant runAt = NOW.minusSeconds(1);
  private @Nullable Instant leaseUntil;
  private int crashes;
  private Attempt.@Nullable Outcome last;
  private List<Attempt> arrivals = List.of();
  private @Nullable String providerId;
  private boolean reports = true;
  private boolean looksUp;
  private Duration rests = Duration.ZERO;
  private Sender sender = Sender.THERE;
  private final List<Hold> holds = new ArrayList<>();
  private CircuitState circuit = CircuitState.closed(1);
  private Apps.@Nullable Paced pace;
  private JobQueue.Turn turn = new JobQueue.Turn(0, OptionalLong.empty(), Optional.empty());
  private @Nullable Instant quietAt;
  private @Nullable LogEntry step;
  private @Nullable String heldBefore;
  private @Nullable Long sentAgainAs;

  private Explanation explain() {
    Message message =
        new Message(
            7,
            new AppId(1),
            new SenderId(1),
            "+15551230000",
            Content.text("x"),
            null,
            Priority.NORMAL,
            dispatch == Dispatch.UNCERTAIN,
            3,
            expiresAt,
            scheduledFor,
            scheduledFor,
            MessageClass.STANDARD,
            null,
            null,
            new Correlation("c", null),
            null,
            null);
    MessageStatus status =
        MessageStatus.of(dispatch, providerFailedAt != null, deliveredAt != null, false);
    boolean waits = List.of("scheduled", "pending", "sending", "uncertain").contains(status.word());
    StoredMessage stored =
        new StoredMessage(
            message,
            NOW.minusSeconds(10),
            dispatch,
            status,
            3,
            1,
            providerId,
            null,
            null,
            NOW.minusSeconds(5),
            providerFailedAt,
            deliveredAt,
            null,
            NOW.minusSeconds(1));
    JobQueue.Standing job =
        new JobQueue.Standing(
            Optional.ofNullable(runAt),
            NOW,
            leaseUntil == null
                ? Optional.empty()
                : Optional.of(new JobQueue.Claim(NOW.minusSeconds(3), leaseUntil)),
            1,
            1,
            crashes);
    return Explanation.of(
        new Facts(
            stored,
            NOW,
            Optional.ofNullable(last)
                .map(outcome ->
                    new Attempt(
                        7,
                        1,
                        1,
                        1,
                        NOW.minusSeconds(3),
                        NOW.minusSeconds(2),
                        outcome,
                        "busy",
                        "it is busy",
                        null,
                        null)),
            arrivals,
            reports,
            waits ? Optional.of(job) : Optional.empty(),
            waits
                ? Optional.of(
                    new Facts.Waiting(
                        sender,
                        holds,
                        circuit,
                        Optional.ofNullable(pace),
                        turn,
                        at ->
                            Optional.ofNullable(quietAt)
                                .filter(quiet -> quiet.equals(at))
                                .map(quiet -> quiet(quiet.plusSeconds(600))),
                        Duration.ofMinutes(10),
                        looksUp,
                        rests,
                        3))
                : Optional.empty(),
            waits
                ? Optional.empty()
                : Optional.of(
                    new Facts.End(
                        Optional.ofNullable(step),
                        Optional.ofNullable(heldBefore),
                        Optional.ofNullable(sentAgainAs)))));
  }

  private static Attempt attempt(int number, Attempt.Outcome outcome, @Nullable String id) {
    Instant retryAt = outcome == Attempt.Outcome.CRASH ? NOW : null;
    return new Attempt(7, number, 1, 1, NOW, NOW, outcome, null, null, retryAt, id);
  }

  private static Attempt unclear(int number) {
    return attempt(number, Attempt.Outcome.UNCLEAR, "chosen");
  }

  private static Hold quiet(Instant until) {
    return new Hold("quiet_hours", "Quiet hours hold.", until, false);
  }

  private static CircuitState open(Instant until) {
    return new CircuitState(
        1,
        1L,
        "open",
        null,
        List.of(new CircuitState.NodeState("n", "open", NOW.minusSeconds(9), until, "busy", 1)));
  }

  private static LogEntry ended(String event, String code, String detail) {
    return new LogEntry(4, NOW, event, "sending", "failed", "failed", 1, code, detail);
  }

  private void says(String reason, @Nullable Instant next, String... parts) {
    Explanation explanation = explain();
    assertThat(explanation.because()).contains(parts).endsWith(".");
    assertThat(explanation.reason()).isEqualTo(reason);
    assertThat(explanation.nextMoveAt()).isEqualTo(next);
  }

  @Test
  void whatIsDueWaitsForAPlace() {
    says("queued", NOW, "it is its sender's next");
    turn = new JobQueue.Turn(12, OptionalLong.empty(), Optional.empty());
    says("queued", NOW, "12 messages of its sender go before it");
  }

  @Test
  void aPaceTellsWhenItsTurnIs() {
    pace = new Apps.Paced(Duration.ofSeconds(3), Duration.ofSeconds(2));
    turn = new JobQueue.Turn(10, OptionalLong.empty(), Optional.of(NOW.plusSeconds(4)));
    says("paced", NOW.plusSeconds(44), "one message in 4 s", "10 messages of its sender go before");
    quietAt = NOW.plusSeconds(44);
    says("paced", NOW.plusSeconds(644), "Quiet hours will hold it then");
    turn = new JobQueue.Turn(100_000, OptionalLong.empty(), Optional.empty());
    says("paced", DEADLINE, "at least 100000 messages", "It expires first, at " + DEADLINE);
  }

  @Test
  void anEarlierOneToItsRecipientGoesFirst() {
    turn = new JobQueue.Turn(1, OptionalLong.of(5), Optional.empty());
    says("in_order", NOW, "Another message to its recipient, 5, must end first.");
    runAt = SOON;
    says("in_order", SOON, "it looks again at " + SOON);
    runAt = TOO_LATE;
    says("in_order", TOO_LATE, "comes first: it expires then, or at about " + TOO_LATE);
  }

  @Test
  void whatNothingHoldsAnyMoreWasPutBack() {
    runAt = SOON;
    says("put_back", SOON, "holds no longer", "PATCH its scheduled_for");
    runAt = NOW.plusMillis(250);
    says("put_back", runAt, "for a moment");
  }

  @Test
  void aRetryTellsWhenAndWhatWentBefore() {
    runAt = SOON;
    last = Attempt.Outcome.DEFERRED;
    says("waiting_for_retry", SOON, "at " + SOON, "attempt 1 was deferred: it is busy");
    runAt = DEADLINE; // as it is put back where the next attempt would come later
    says("waiting_for_retry", DEADLINE, "It expires first, at " + DEADLINE);
    runAt = SOON;
    circuit = open(NOW.minusSeconds(1));
    says("waiting_for_retry", SOON, "the next message that is due finds out");
  }

  @Test
  void anOpenCircuitTellsWhenTheNextCallIs() {
    circuit = open(SOON);
    says("circuit_open", SOON, "because its provider answered busy", "made at " + SOON);
    circuit = CircuitState.closed(1);
    rests = Duration.ofSeconds(60);
    says("circuit_open", SOON, "has opened; the next call is made at about " + SOON);
    circuit = new CircuitState(1, 1L, "forced_closed", NOW, List.of());
    says("provider_pause", SOON, "Its provider takes nothing now, which forcing");
    runAt = DEADLINE.minusSeconds(1);
    last = Attempt.Outcome.DEFERRED;
    says("waiting_for_retry", runAt, "It waits for its next attempt");
  }

  @Test
  void holdsAreAllTold() {
    holds.add(quiet(SOON));
    says("quiet_hours", SOON, "Quiet hours hold");
    runAt = SOON.plusSeconds(5);
    says("quiet_hours", runAt, "Quiet hours hold");
    holds.set(0, quiet(TOO_LATE));
    says("quiet_hours", DEADLINE, "It expires first, at " + DEADLINE);
    holds.addFirst(PAUSED);
    says("paused", DEADLINE, "is paused. Quiet hours", "Unless that ends before, it expires at");
    assertThat(explain().holds())
        .extracting(HoldView::reason)
        .containsExactly("paused", "quiet_hours");
  }

  @Test
  void whatIsPastItsDeadlineWillNotGo() {
    expiresAt = NOW.minusSeconds(1);
    says("expires", NOW, "has passed meanwhile: it will expire, not go.");
    holds.add(quiet(SOON));
    runAt = NOW.plusSeconds(1);
    says("expires", runAt, "Quiet hours hold.");
  }

  @Test
  void aScheduledTimeIsNotTheWholeTruth() {
    dispatch = Dispatch.SCHEDULED;
    scheduledFor = SOON;
    runAt = SOON;
    says("scheduled", SOON, "It is scheduled for " + SOON + ".");
    quietAt = SOON;
    says("scheduled", SOON.plusSeconds(600), "which quiet hours move to");
    quietAt = null;
    runAt = SOON.plusSeconds(1);
    says("scheduled", runAt, "was put off until " + runAt);
    holds.add(PAUSED);
    says("paused", DEADLINE, "Its sender is paused", "Unless that ends before");
    sender = Sender.DELETED;
    says("paused", DEADLINE, "Its sender is paused", "it fails when its turn comes");
    holds.clear();
    says("sender_deleted", SOON, "it fails when its turn comes");
    sender = Sender.THERE;
    scheduledFor = NOW.minusSeconds(5);
    runAt = NOW.minusSeconds(5);
    says("queued", NOW, "has come. It is due");
  }

  @Test
  void whatANodeHasTellsUntilWhen() {
    dispatch = Dispatch.SENDING;
    leaseUntil = NOW.plusSeconds(20);
    says("sending", leaseUntil, "If that node dies, it is taken back after " + leaseUntil);
    leaseUntil = NOW.minusSeconds(2);
    crashes = 2;
    says("sending", NOW, "it is being taken back", "A node died 2 of at most 3 times");
    dispatch = Dispatch.QUEUED;
    says("sending", NOW, "A node has it since");
  }

  @Test
  void anUncertainOneTellsWhoCanSettleIt() {
    dispatch = Dispatch.UNCERTAIN;
    runAt = SOON;
    last = Attempt.Outcome.UNCLEAR;
    arrivals = List.of(unclear(1));
    String end = "it fails at the first look after " + NOW.plusSeconds(598);
    says("uncertain", SOON, "a receipt settles it, or " + end);
    looksUp = true;
    says("uncertain", SOON, "A receipt or a look-up settles it, or " + end);
    reports = false;
    says("uncertain", SOON, "A look-up settles it, or " + end);
    looksUp = false;
    says("uncertain", SOON, "neither reports nor can be asked: " + end);
    circuit = open(TOO_LATE);
    says("uncertain", TOO_LATE, "Its sender's circuit is open");
    holds.add(PAUSED);
    says("uncertain", null, "Nothing else is done about it for now", "Its sender is paused");
  }

  @Test
  void aSenderThatCannotBeUsedIsNamed() {
    sender = Sender.DELETED;
    says("sender_deleted", NOW, "Its sender was deleted: it fails when its turn comes");
    sender = Sender.SEALED;
    says("sender_sealed", DEADLINE, "sealed with another master key", "expires at " + DEADLINE);
    holds.add(PAUSED);
    says("paused", DEADLINE, "Its sender is paused", "another master key");
  }

  @Test
  void whatMayHaveArrivedIsToldToWhoeverSendsItAgain() {
    arrivals = List.of(unclear(1), unclear(2));
    says("queued", NOW, "Attempts 1, 2 may have arrived already: it may come twice.");
    dispatch = Dispatch.FAILED;
    last = Attempt.Outcome.UNCLEAR;
    step = ended("ran_out", "timeout", "no answer");
    says("timeout", null, "sent again, it may come twice");
    step = ended("failed", "uncertain", "the provider does not have it");
    assertThat(explain().because()).doesNotContain("may have arrived");
    dispatch = Dispatch.HANDED_OFF;
    deliveredAt = NOW;
    says("delivered", null, "Attempts 1, 2 may have arrived, each of them.");
  }

  @Test
  void whatIsKnownToHaveArrivedIsNotInDoubt() {
    dispatch = Dispatch.HANDED_OFF;
    deliveredAt = NOW;
    arrivals = List.of(unclear(1));
    assertThat(explain().mayHaveArrived()).as("settled by a receipt").isEmpty();
    dispatch = Dispatch.FAILED;
    assertThat(explain().mayHaveArrived()).as("after it was given up").isEmpty();
    dispatch = Dispatch.HANDED_OFF;
    arrivals = List.of(unclear(1), attempt(2, Attempt.Outcome.ACCEPTED, "chosen"));
    assertThat(explain().mayHaveArrived()).as("two calls with one id").containsExactly(1);
    providerId = "told";
    arrivals = List.of(unclear(1), attempt(2, Attempt.Outcome.LEASE_LOST, "told"));
    assertThat(explain().mayHaveArrived()).as("told too late").containsExactly(1);
    dispatch = Dispatch.UNCERTAIN;
    deliveredAt = null;
    arrivals = List.of(attempt(1, Attempt.Outcome.CRASH, null), unclear(2));
    assertThat(explain().mayHaveArrived()).as("the first had not begun").containsExactly(2);
  }

  @Test
  void aFailureNamesWhoGaveItUp() {
    dispatch = Dispatch.FAILED;
    last = Attempt.Outcome.DEFERRED;
    step = ended("rejected", "no", "never");
    says("no", null, "The provider rejected it: never (no).");
    step = ended("ruled_out", "busy", "it is busy");
    says(
        "busy", null, "Its retry rule gave it up after 1 attempt; the last answer was: it is busy");
    step = ended("ran_out", "busy", "it is busy");
    says("busy", null, "It ran out of attempts: 1 attempt, of which 3 may count; the last said");
    step = ended("failed", "sender_deleted", "its sender was deleted");
    last = Attempt.Outcome.REJECTED;
    says("sender_deleted", null, "It was given up: its sender was deleted (sender_deleted).");
    step = ended("deferred", "busy", "it is busy");
    sentAgainAs = 8L;
    says("busy", null, "It was given up after 1 attempt", "It was sent again as message 8.");
    dispatch = Dispatch.DEAD;
    says("crashes", null, "nodes crashed while sending it");
    dispatch = Dispatch.HANDED_OFF;
    providerFailedAt = NOW;
    says("provider_failed", null, "took it and then reported that it failed");
  }

  @Test
  void anExpiryNamesWhatTookItsTime() {
    dispatch = Dispatch.EXPIRED;
    heldBefore = "quiet_hours";
    step = ended("expired", "expired", "its turn came later");
    says("expired", null, "passed before it could be sent: its turn", "it was held: quiet hours.");
    last = Attempt.Outcome.DEFERRED;
    says("expired", null, "could be sent again", "Attempt 1 was deferred: it is busy.");
  }

  @Test
  void whereNoReportIsToComeNoneIsAwaited() {
    dispatch = Dispatch.HANDED_OFF;
    says("awaiting_receipt", null, "has not reported its delivery");
    reports = false;
    says("sent", null, "It reports no deliveries");
  }

  @Test
  void timesAreSpokenShortly() {
    assertThat(Because.spoken(Duration.ofMillis(250))).isEqualTo("250 ms");
    assertThat(Because.spoken(Duration.ofMillis(2500))).isEqualTo("2.5 s");
    assertThat(Because.spoken(Duration.ofSeconds(3))).isEqualTo("3 s");
    assertThat(Because.spoken(Duration.ofMinutes(72))).isEqualTo("72 min");
  }
}
