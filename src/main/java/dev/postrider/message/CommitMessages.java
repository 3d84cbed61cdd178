package dev.postrider.message;

import dev.postrider.message.AcceptMessages.AcceptUnit;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.platform.idempotency.IdempotencyKey;
import dev.postrider.platform.idempotency.IdempotencyStore;
import dev.postrider.platform.idempotency.StoredAnswer;
import dev.postrider.queue.Dispatcher;
import dev.postrider.queue.HandOver;
import dev.postrider.queue.Job;
import dev.postrider.queue.JobHandler;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.NewJob;
import dev.postrider.queue.QueueSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The accept transaction: messages, first log rows, idempotency keys and jobs of many requests go
 * in together, by one statement each. What the dispatcher has room for is inserted as already
 * claimed by this node and runs from memory after the commit; the rest waits in the table for
 * whoever claims it.
 */
@Wired
public class CommitMessages {
  /** Of what nobody waits for. */
  private static final StoredAnswer NO_ANSWER = new StoredAnswer(201, null, new byte[0]);

  private final Transactions transactions;
  private final IdempotencyStore keys;
  private final AcceptStore messages;
  private final CampaignStore campaigns;
  private final JobQueue queue;
  private final Dispatcher dispatcher;
  private final JobHandler<Outgoing> delivery;
  private final QueueSettings settings;
  private final RandomGenerator random;
  private final List<StatusListener> listeners;

  public CommitMessages(
      Transactions transactions,
      IdempotencyStore keys,
      AcceptStore messages,
      CampaignStore campaigns,
      JobQueue queue,
      Dispatcher dispatcher,
      JobHandler<Outgoing> delivery,
      QueueSettings settings,
      RandomGenerator random,
      List<StatusListener> listeners) {
    this.transactions = transactions;
    this.keys = keys;
    this.messages = messages;
    this.campaigns = campaigns;
    this.queue = queue;
    this.dispatcher = dispatcher;
    this.delivery = delivery;
    this.settings = settings;
    this.random = random;
    this.listeners = listeners;
  }

  /**
   * The fences of messages that start out claimed by this node. A message is itself, not its like.
   */
  private static final class Tokens {
    private final IdentityHashMap<Message, Long> byMessage = new IdentityHashMap<>();

    void put(Message message, long token) {
      byMessage.put(message, token);
    }

    @Nullable Long of(Message message) {
      return byMessage.get(message);
    }
  }

  /** What was written: the database's clock, and the tokens of the jobs that run on this node. */
  private record Written(Instant now, Set<Long> ours) {
    static final Written NOTHING = new Written(Instant.EPOCH, Set.of());
  }

  /** What became of a unit. */
  sealed interface Outcome {
    /** Durable. */
    record Stored() implements Outcome {}

    /** Its key was taken before: nothing of it was stored. */
    record Twin() implements Outcome {}

    /** The request that is taking its key has not ended. */
    record Busy() implements Outcome {}

    /** It alone was refused. */
    record Failed(RuntimeException why) implements Outcome {}
  }

  /** Stores messages inside the open transaction; whoever claims them sends them. */
  void within(List<Message> messages) {
    store(List.of(new AcceptUnit(null, NO_ANSWER, messages)), new Tokens(), dispatcher.handOver());
  }

  /** Commits units together; one that PostgreSQL refuses does not fail its neighbours. */
  List<Outcome> commit(List<AcceptUnit> units) {
    try {
      return together(units);
    } catch (RuntimeException e) {
      if (!Transactions.isOneToBlame(e)) {
        throw e;
      }
      return units.size() == 1
          ? List.of(
              units.getFirst().key() != null && Transactions.isLockTimeout(e)
                  ? new Outcome.Busy()
                  : new Outcome.Failed(e))
          : oneByOne(units);
    }
  }

  /** What was stored stays so, whatever becomes of the others: where one breaks, they are not. */
  private List<Outcome> oneByOne(List<AcceptUnit> units) {
    List<Outcome> outcomes = new ArrayList<>();
    for (AcceptUnit unit : units) {
      try {
        outcomes.addAll(commit(List.of(unit)));
      } catch (RuntimeException e) {
        while (outcomes.size() < units.size()) {
          outcomes.add(new Outcome.Failed(e));
        }
        return outcomes;
      }
    }
    return outcomes;
  }

  private List<Outcome> together(List<AcceptUnit> units) {
    Tokens tokens = new Tokens();
    Set<AcceptUnit> stored = Collections.newSetFromMap(new IdentityHashMap<>());
    boolean durable = false;
    HandOver handOver = dispatcher.handOver();
    try {
      reserve(units, tokens);
      // The leases run from the transaction's start, so this clock does too.
      long nanos = System.nanoTime();
      Written written =
          handOver.during(() ->
              transactions.call(() -> {
                stored.clear();
                stored.addAll(fresh(units));
                return store(units.stream().filter(stored::contains).toList(), tokens, handOver);
              }));
      durable = true;
      start(units.stream().filter(stored::contains).toList(), tokens, written, nanos);
    } finally {
      // Whoever was not stored gives its place back; the others' places are their jobs' now.
      for (AcceptUnit unit : units) {
        if (!durable || !stored.contains(unit)) {
          unreserve(unit, tokens);
        }
      }
    }
    return units.stream()
        .<Outcome>map(unit -> stored.contains(unit) ? new Outcome.Stored() : new Outcome.Twin())
        .toList();
  }

  private void unreserve(AcceptUnit unit, Tokens tokens) {
    unit.messages().stream()
        .filter(message -> tokens.of(message) != null)
        .forEach(message -> dispatcher.unreserve(message.sender().value()));
  }

  private void reserve(List<AcceptUnit> units, Tokens tokens) {
    Set<Long> behind = new HashSet<>();
    for (AcceptUnit unit : units) {
      for (Message message : unit.messages()) {
        // Not before one that found no room a moment ago.
        if (!behind.contains(message.orderKey()) && reserve(message)) {
          tokens.put(message, random.nextLong(Long.MAX_VALUE));
        } else {
          behind.add(message.orderKey());
        }
      }
    }
  }

  private boolean reserve(Message message) {
    // What has a time is claimed from the table: only the database's clock says when it is due.
    // Of a campaign's messages only the transaction knows whether they may go.
    return message.notBefore() == null
        && message.campaignId() == null
        && !delivery.isHeld(message.sender().value())
        && dispatcher.reserve(message.sender().value(), message.app().value());
  }

  /** The units whose keys were free, and those without one. */
  private List<AcceptUnit> fresh(List<AcceptUnit> units) {
    Map<IdempotencyKey, AcceptUnit> firsts = new HashMap<>();
    List<AcceptUnit> fresh = new ArrayList<>();
    for (AcceptUnit unit : units) {
      if (unit.key() == null) {
        fresh.add(unit);
      } else {
        firsts.putIfAbsent(unit.key(), unit);
      }
    }
    if (!firsts.isEmpty()) {
      List<IdempotencyStore.Claim> claims =
          firsts.entrySet().stream()
              .map(it -> new IdempotencyStore.Claim(it.getKey(), it.getValue().answer()))
              .sorted(
                  Comparator.comparingLong((IdempotencyStore.Claim it) -> it.key().scope())
                      .thenComparing(it -> it.key().key()))
              .toList();
      keys.take(claims).forEach(key -> fresh.add(firsts.get(key)));
    }
    return fresh;
  }

  /**
   * Jobs first, for only they say what runs on this node: not what another message must go before
   * that waits, or that another node has.
   */
  private Written store(List<AcceptUnit> units, Tokens tokens, HandOver handOver) {
    List<Message> all = units.stream().flatMap(unit -> unit.messages().stream()).toList();
    if (all.isEmpty()) {
      handOver.announce(List.of());
      return Written.NOTHING;
    }
    messages.claimRetries(all);
    Set<CampaignId> held = heldCampaigns(all);
    Set<Long> ours =
        queue.enqueue(
            all.stream().map(message -> job(message, tokens.of(message), held)).toList(),
            settings.lease());
    handOver.announce(expected(all, tokens, ours));
    List<AcceptStore.Row> rows =
        all.stream()
            .map(message -> new AcceptStore.Row(message, start(message, ours, tokens)))
            .toList();
    Instant now = messages.insert(rows);
    List<StatusChange> changes = rows.stream().map(row -> accepted(row, now)).toList();
    listeners.forEach(listener -> listener.changed(changes));
    return new Written(now, ours);
  }

  private List<HandOver.Expected> expected(List<Message> all, Tokens tokens, Set<Long> ours) {
    List<HandOver.Expected> expected = new ArrayList<>(ours.size());
    for (Message message : all) {
      Long token = tokens.of(message);
      if (token != null && ours.contains(token)) {
        expected.add(
            new HandOver.Expected(delivery.kind(), message.orderKey(), message.priority(), token));
      }
    }
    return expected;
  }

  private NewJob job(Message message, @Nullable Long token, Set<CampaignId> held) {
    return new NewJob(
        delivery.kind(),
        message.id(),
        message.app().value(),
        message.sender().value(),
        message.priority(),
        message.orderKey(),
        isHeld(message, held) ? NewJob.HELD : message.notBefore(),
        token);
  }

  private Set<CampaignId> heldCampaigns(List<Message> all) {
    Set<CampaignId> named = new HashSet<>();
    for (Message message : all) {
      if (message.campaignId() != null) {
        named.add(new CampaignId(message.app(), message.campaignId()));
      }
    }
    return named.isEmpty() ? named : campaigns.pausedMeanwhile(named);
  }

  private static boolean isHeld(Message message, Set<CampaignId> held) {
    return message.campaignId() != null
        && held.contains(new CampaignId(message.app(), message.campaignId()));
  }

  private static Dispatch start(Message message, Set<Long> ours, Tokens tokens) {
    Long token = tokens.of(message);
    if (token != null && ours.contains(token)) {
      return Dispatch.SENDING;
    }
    return message.scheduledFor() == null ? Dispatch.QUEUED : Dispatch.SCHEDULED;
  }

  private static StatusChange accepted(AcceptStore.Row row, Instant now) {
    Message message = row.message();
    return new StatusChange(
        message.app(),
        message.sender(),
        message.id(),
        null,
        row.start() == Dispatch.SCHEDULED ? MessageStatus.SCHEDULED : MessageStatus.PENDING,
        now,
        null,
        null);
  }

  private void start(List<AcceptUnit> stored, Tokens tokens, Written written, long nanos) {
    for (AcceptUnit unit : stored) {
      for (Message message : unit.messages()) {
        Long token = tokens.of(message);
        if (token != null && written.ours().contains(token)) {
          dispatcher.start(delivery, work(message, token, written.now(), nanos));
        } else if (token != null) {
          dispatcher.unreserve(message.sender().value());
        }
      }
    }
  }

  private JobHandler.Work<Outgoing> work(Message message, long token, Instant now, long nanos) {
    Job job =
        new Job(
            delivery.kind(),
            message.id(),
            message.app().value(),
            message.sender().value(),
            message.priority(),
            message.orderKey(),
            1,
            0,
            0,
            false,
            token,
            now,
            nanos);
    return new JobHandler.Work<>(job, Outgoing.accepted(message, now));
  }
}
