package dev.postrider.delivery;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.app.RetryRule;
import dev.postrider.app.SenderId;
import dev.postrider.channel.Outbound;
import dev.postrider.channel.Provider;
import dev.postrider.channel.Providers;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SenderAccount;
import dev.postrider.circuit.Circuits;
import dev.postrider.message.Message;
import dev.postrider.message.Outgoing;
import dev.postrider.message.ProgressStore;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Text;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.platform.secret.Vault;
import dev.postrider.queue.Dispatcher;
import dev.postrider.queue.Job;
import dev.postrider.queue.JobHandler;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.Pace;
import dev.postrider.queue.QueueSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Runs a delivery job: checks that the message may still go, makes one attempt, and decides by the
 * answer. No database connection is held during the call.
 */
@Wired
public class DeliverMessages implements JobHandler<Outgoing> {
  public static final String KIND = "deliver";
  private static final Logger log = LoggerFactory.getLogger(DeliverMessages.class);

  /** How soon a job that could not start is tried again. */
  private static final Duration GIVE_BACK = Duration.ofSeconds(1);

  /** The same where a fault of ours kept it from starting: each try is two rows of its trail. */
  private static final Duration BROKEN = Duration.ofMinutes(1);

  /** A lease outlives its call by this much. */
  private static final Duration MARGIN = Duration.ofSeconds(15);

  private final Apps apps;
  private final Gate gate;
  private final Circuits circuits;
  private final LoadContent contents;
  private final Providers providers;
  private final ProgressStore progress;
  private final OrphanStore orphans;
  private final JobQueue queue;
  private final Dispatcher dispatcher;
  private final SettleDeliveries settle;
  private final Verdicts verdicts;
  private final RescueDeliveries rescue;
  private final ExpireMessages expire;
  private final QueueSettings queueSettings;
  private final DeliveryMetrics metrics;

  public DeliverMessages(
      Apps apps,
      Gate gate,
      Circuits circuits,
      LoadContent contents,
      Providers providers,
      ProgressStore progress,
      OrphanStore orphans,
      JobQueue queue,
      Dispatcher dispatcher,
      SettleDeliveries settle,
      Verdicts verdicts,
      RescueDeliveries rescue,
      ExpireMessages expire,
      QueueSettings queueSettings,
      DeliveryMetrics metrics) {
    this.apps = apps;
    this.gate = gate;
    this.circuits = circuits;
    this.contents = contents;
    this.providers = providers;
    this.progress = progress;
    this.orphans = orphans;
    this.queue = queue;
    this.dispatcher = dispatcher;
    this.settle = settle;
    this.verdicts = verdicts;
    this.rescue = rescue;
    this.expire = expire;
    this.queueSettings = queueSettings;
    this.metrics = metrics;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public Set<Long> heldLanes() {
    Set<Long> held = new HashSet<>(circuits.forcedOpen());
    apps.pausedSenders().keySet().forEach(sender -> held.add(sender.value()));
    return held;
  }

  /** Senders of which this node sends nothing, or little, until their provider takes it. */
  Set<Long> restingLanes() {
    Set<Long> resting = new HashSet<>(circuits.notClosed());
    resting.addAll(dispatcher.pausedLanes());
    return resting;
  }

  /** One that has a pace, too: its turn is found out when it is claimed. */
  @Override
  public boolean isHeld(long lane) {
    SenderId sender = new SenderId(lane);
    return apps.pause(sender).isPresent()
        || apps.pacedSenders().containsKey(sender)
        || circuits.isForcedOpen(lane);
  }

  @Override
  public Map<Long, Pace> paces() {
    Map<Long, Pace> paces = new HashMap<>();
    apps.pacedSenders()
        .forEach(
            (sender, pace) -> paces.put(sender.value(), new Pace(pace.interval(), pace.jitter())));
    return paces;
  }

  @Override
  public void moved(List<JobQueue.Moved> jobs) {
    expire.moved(jobs);
  }

  @Override
  public List<Work<Outgoing>> claimed(List<Job> jobs) {
    List<ProgressStore.Claim> claims =
        jobs.stream()
            .map(job -> new ProgressStore.Claim(new AppId(job.appId()), job.id(), job.attempt()))
            .toList();
    Map<Long, Outgoing> loaded = new HashMap<>();
    progress.claim(claims).forEach(outgoing -> loaded.put(outgoing.message().id(), outgoing));
    List<Work<Outgoing>> works = new ArrayList<>();
    for (Job job : jobs) {
      Outgoing outgoing = loaded.get(job.id());
      if (outgoing != null) {
        works.add(new Work<>(job, outgoing));
      }
    }
    return works;
  }

  @Override
  public void run(Work<Outgoing> work) {
    Message message = work.payload().message();
    try (var _ = message.correlation().logged()) {
      Settlement settlement = attemptOrGiveBack(work.job(), work.payload());
      if (settlement == null) {
        dispatcher.done(work.job());
      } else {
        settle.settle(settlement.of(message.correlation()));
      }
    }
  }

  /**
   * What breaks before the call (the database is away, say) is nobody's attempt: the job goes back.
   */
  private @Nullable Settlement attemptOrGiveBack(Job job, Outgoing outgoing) {
    try {
      return attempt(job, outgoing);
    } catch (RuntimeException e) {
      // That there is no room for it now is nothing to look into.
      log.atLevel(e instanceof Overloaded ? Level.DEBUG : Level.WARN)
          .addKeyValue("message_id", job.id())
          .addKeyValue("cause", Text.cleaned(String.valueOf(e), 200))
          .log("delivery.not_started");
      return unstarted(job, outgoing, restAfter(job, e));
    }
  }

  private Duration restAfter(Job job, RuntimeException e) {
    if (e instanceof Vault.SealBroken || e instanceof Providers.Unknown) {
      // All that this sender has would meet it, until somebody mends it.
      circuits.putOff(job.lane(), Duration.ZERO, "not_started", System.nanoTime());
      return GIVE_BACK;
    }
    boolean passes = e instanceof Overloaded || Transactions.isDatabaseTrouble(e);
    return passes ? GIVE_BACK : BROKEN;
  }

  /** One attempt, or the reason there is none. Null when the lease was lost before the call. */
  private @Nullable Settlement attempt(Job job, Outgoing outgoing) {
    Message message = outgoing.message();
    Instant now = job.databaseNow(System.nanoTime());
    boolean parked = outgoing.parkedAt() != null;
    if (!parked && !now.isBefore(message.expiresAt())) {
      return verdicts.expired(job);
    }
    boolean tooLate = dispatcher.isTooLate(job) || dispatcher.mustGoBack(job);
    Duration pause = dispatcher.pausedFor(job.lane());
    if (tooLate || pause.isPositive()) {
      return unstarted(job, outgoing, pause);
    }
    Apps.Usable usable = apps.sender(message.sender()).orElse(null);
    if (usable == null) {
      return verdicts.noSender(job, outgoing);
    }
    SenderAccount sender = usable.account();
    Optional<Hold> hold = parked ? Optional.empty() : gate.holds(message, now);
    if (hold.isPresent()) {
      if (hold.get().keepsPlace()) {
        dispatcher.givenBack(job);
      }
      return verdicts.held(job, message, hold.get(), now);
    }
    Provider provider = providers.of(sender);
    Outbound outbound = outbound(job, outgoing, sender, provider);
    if (parked) {
      return verdicts.lookedUp(job, outgoing, find(provider, outbound));
    }
    // Looked up before the call: a call that was made must not be taken for none.
    RetryRule rule = apps.retryRule(message.app(), usable);
    return contents.with(
        outgoing,
        content -> attemptWithin(job, outgoing, rule, provider, outbound.with(content)),
        () -> unstarted(job, outgoing, GIVE_BACK));
  }

  /** The attempt, within a lease that covers it; null when that is lost. */
  private @Nullable Settlement attemptWithin(
      Job job, Outgoing outgoing, RetryRule rule, Provider provider, Outbound outbound) {
    boolean mark = outgoing.message().hold() || job.crashedBefore();
    Duration lease = provider.deadline().plus(MARGIN);
    // The lease knows neither of calls this long nor of the time that what is asked before took.
    boolean renew =
        lease.compareTo(queueSettings.lease()) > 0
            || outgoing.missing() > 0
            || dispatcher.isTooLate(job);
    if ((mark || renew) && !queue.begin(job, lease, mark)) {
      log.atWarn().addKeyValue("message_id", job.id()).log("delivery.lease_lost_before_call");
      return null;
    }
    return circuits.permits(job.lane())
        ? call(job, outgoing, rule, provider, outbound)
        : unstarted(job, outgoing, GIVE_BACK);
  }

  /** Back, with its place in its order kept. */
  private Settlement unstarted(Job job, Outgoing outgoing, Duration pause) {
    dispatcher.givenBack(job);
    return verdicts.unstarted(job, outgoing, pause);
  }

  private Settlement call(
      Job job, Outgoing outgoing, RetryRule rule, Provider provider, Outbound outbound) {
    long start = System.nanoTime();
    SendResult result = resultOf(job, provider, outbound);
    long end = System.nanoTime();
    result = asTold(outgoing.message(), result);
    dispatcher.called(job, Duration.ofNanos(end - start));
    Settlement settlement =
        verdicts.attempted(job, outgoing, rule, result, start, job.databaseNow(end));
    report(job, outgoing, provider, result, settlement, Duration.ofNanos(end - start));
    return settlement;
  }

  private SendResult resultOf(Job job, Provider provider, Outbound outbound) {
    try {
      if (!job.ambiguous()) {
        return provider.send(outbound);
      }
      // Look-up and send share one deadline: the lease knows of no more.
      Duration share = outbound.deadline().dividedBy(3);
      return find(provider, outbound.within(share)) instanceof Provider.Found.There(var id)
          ? new SendResult.Accepted(id)
          : provider.send(outbound.within(outbound.deadline().minus(share)));
    } catch (Throwable e) {
      // Where it broke nobody knows, so it may have arrived; max_attempts bounds the repetition.
      log.atError().addKeyValue("message_id", job.id()).setCause(e).log("delivery.provider_broke");
      return SendResult.unclear("provider_error", Text.cleaned(e.getClass().getSimpleName(), 100));
    }
  }

  /** The provider's own word that it was sent may have come before an answer that never did. */
  private SendResult asTold(Message message, SendResult result) {
    if (result instanceof SendResult.Unclear(_, _, var expectedId) && expectedId.isPresent()) {
      try {
        if (progress.isSent(message.app(), message.id())
            || orphans.tellsSent(message.sender().value(), expectedId.get())) {
          return new SendResult.Accepted(expectedId.get());
        }
      } catch (RuntimeException e) {
        log.atDebug()
            .addKeyValue("cause", Text.cleaned(String.valueOf(e), 200))
            .log("delivery.not_asked");
      }
    }
    return result;
  }

  private static Provider.Found find(Provider provider, Outbound outbound) {
    try {
      return provider.find(outbound);
    } catch (RuntimeException e) {
      log.atError()
          .addKeyValue("message_id", outbound.messageId())
          .setCause(e)
          .log("delivery.look_up_broke");
      return new Provider.Found.Unknown();
    }
  }

  private static Outbound outbound(
      Job job, Outgoing outgoing, SenderAccount sender, Provider provider) {
    Message message = outgoing.message();
    return new Outbound(
        message.id(),
        sender,
        message.recipient(),
        message.content(),
        job.attempt(),
        provider.deadline(),
        outgoing.acceptedAt(),
        message.scheduledFor(),
        message.expiresAt(),
        message.correlation().id(),
        message.correlation().traceparent());
  }

  /** One wide event an attempt; the happy path is quiet unless someone debugs. */
  private void report(
      Job job,
      Outgoing outgoing,
      Provider provider,
      SendResult result,
      Settlement settlement,
      Duration took) {
    Attempt attempt = settlement.attempt();
    if (attempt == null) {
      return;
    }
    metrics.attempted(provider.name(), attempt.outcome(), took);
    var event = result instanceof SendResult.Accepted ? log.atDebug() : log.atInfo();
    event
        .addKeyValue("message_id", job.id())
        .addKeyValue("app_id", job.appId())
        .addKeyValue("sender_id", job.lane())
        .addKeyValue("provider", provider.name())
        .addKeyValue("recipient", () -> Text.masked(outgoing.message().recipient()))
        .addKeyValue("attempt", attempt.number())
        .addKeyValue("outcome", attempt.outcome().word())
        .addKeyValue("code", attempt.code())
        .addKeyValue("retry_at", attempt.retryAt())
        .addKeyValue("took_ms", took.toMillis())
        .log("delivery.attempted");
  }

  @Override
  public void released(List<Job> jobs) {
    rescue.released(jobs);
  }

  @Override
  public void rescued(List<JobQueue.Expired> jobs) {
    rescue.rescued(jobs);
  }
}
