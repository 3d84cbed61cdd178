package dev.postrider.delivery;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.app.SenderId;
import dev.postrider.channel.Provider;
import dev.postrider.channel.Providers;
import dev.postrider.circuit.CircuitState;
import dev.postrider.circuit.FindCircuits;
import dev.postrider.message.LogEntry;
import dev.postrider.message.Message;
import dev.postrider.message.MessageStatus;
import dev.postrider.message.MessageStore;
import dev.postrider.message.StoredMessage;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.platform.secret.Vault;
import dev.postrider.queue.Dispatcher;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.QueueSettings;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Gathers what is known of a message and says why it is where it is. */
@Wired
class ExplainMessage {
  /** What held a message last stands among its newest steps, or was long ago. */
  private static final int STEPS = 50;

  private static final String HELD = "held.";

  private static final int ARRIVALS = 100;

  private static final Set<MessageStatus> WAITS =
      EnumSet.of(
          MessageStatus.SCHEDULED,
          MessageStatus.PENDING,
          MessageStatus.SENDING,
          MessageStatus.UNCERTAIN);

  private static final Set<MessageStatus> ENDED =
      EnumSet.of(MessageStatus.FAILED, MessageStatus.EXPIRED, MessageStatus.CANCELED);

  private final MessageStore messages;
  private final AttemptStore attempts;
  private final JobQueue queue;
  private final FindCircuits circuits;
  private final Apps apps;
  private final Providers providers;
  private final Gate gate;
  private final Dispatcher dispatcher;
  private final Transactions transactions;
  private final InstantSource clock;
  private final DeliverySettings settings;
  private final QueueSettings queueSettings;

  ExplainMessage(
      MessageStore messages,
      AttemptStore attempts,
      JobQueue queue,
      FindCircuits circuits,
      Apps apps,
      Providers providers,
      Gate gate,
      Dispatcher dispatcher,
      Transactions transactions,
      InstantSource clock,
      DeliverySettings settings,
      QueueSettings queueSettings) {
    this.messages = messages;
    this.attempts = attempts;
    this.queue = queue;
    this.circuits = circuits;
    this.apps = apps;
    this.providers = providers;
    this.gate = gate;
    this.dispatcher = dispatcher;
    this.transactions = transactions;
    this.clock = clock;
    this.settings = settings;
    this.queueSettings = queueSettings;
  }

  Explanation explain(AppId app, long id) {
    return Explanation.of(transactions.snapshot(() -> facts(app, id)));
  }

  private Facts facts(AppId app, long id) {
    StoredMessage stored = required(app, id);
    Optional<JobQueue.Standing> job = queue.standing(DeliverMessages.KIND, id);
    // The clock that says what is due.
    Instant now = job.map(JobQueue.Standing::now).orElseGet(clock::instant);
    boolean waits = WAITS.contains(stored.status());
    return new Facts(
        stored,
        now,
        attempts.last(app, id),
        attempts.arrivals(app, id, ARRIVALS),
        provider(stored.message().sender()).map(Provider::reports).orElse(true),
        job,
        waits ? Optional.of(waiting(stored, job, now)) : Optional.empty(),
        ENDED.contains(stored.status()) ? Optional.of(end(app, stored)) : Optional.empty());
  }

  /** Asked without its credentials: they may not open, and its sender may be deleted. */
  private Optional<Provider> provider(SenderId sender) {
    return Optional.ofNullable(apps.providers(Set.of(sender)).get(sender)).flatMap(providers::find);
  }

  private Facts.Waiting waiting(
      StoredMessage stored, Optional<JobQueue.Standing> job, Instant now) {
    Message message = stored.message();
    Optional<Apps.Usable> usable;
    Facts.Sender sender;
    try {
      usable = apps.sender(message.sender());
      sender = usable.isPresent() ? Facts.Sender.THERE : Facts.Sender.DELETED;
    } catch (Vault.SealBroken _) {
      usable = Optional.empty();
      sender = Facts.Sender.SEALED;
    }
    boolean there = usable.isPresent();
    long lane = message.sender().value();
    return new Facts.Waiting(
        sender,
        there ? gate.all(message, now) : gate.byPeople(message),
        there ? circuits.find(lane) : CircuitState.closed(lane),
        Optional.ofNullable(apps.pacedSenders().get(message.sender())),
        isInLine(stored, job) ? queue.turn(DeliverMessages.KIND, message.id()) : JobQueue.Turn.NONE,
        at -> gate.quiet(message, at),
        settings.uncertainFor(),
        usable
            .map(it -> providers.of(it.account()).looksUp(it.account(), message.content()))
            .orElse(false),
        dispatcher.pausedFor(lane),
        queueSettings.maxCrashes());
  }

  /** Whether others may go before it; of one that is held, or whose time has not come, none do. */
  private static boolean isInLine(StoredMessage stored, Optional<JobQueue.Standing> job) {
    Instant at = stored.message().scheduledFor();
    return stored.status() != MessageStatus.UNCERTAIN
        && job.filter(it -> it.claim().isEmpty() && it.runAt().isPresent())
            .filter(it -> at == null || !at.isAfter(it.now()))
            .isPresent();
  }

  private Facts.End end(AppId app, StoredMessage stored) {
    List<LogEntry> steps = messages.lastSteps(app, stored.message().id(), STEPS);
    String last = stored.dispatch().word();
    return new Facts.End(
        steps.stream()
            .filter(step -> step.dispatchTo().equals(last) && !last.equals(step.dispatchFrom()))
            .findFirst(),
        steps.stream()
            .map(LogEntry::event)
            .filter(event -> event.startsWith(HELD))
            .map(event -> event.substring(HELD.length()))
            .findFirst(),
        messages.sentAgainAs(app, stored.message().id()));
  }

  List<Attempt> attempts(AppId app, long id, long after, int limit) {
    required(app, id);
    return attempts.list(app, id, after, limit);
  }

  private StoredMessage required(AppId app, long id) {
    return messages.find(app, id).orElseThrow(() -> ProblemException.notFound("message"));
  }
}
