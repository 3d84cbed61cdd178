package dev.postrider.delivery;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.channel.Providers;
import dev.postrider.message.Dispatch;
import dev.postrider.message.Message;
import dev.postrider.message.MessageStore;
import dev.postrider.message.Move;
import dev.postrider.message.ProgressStore;
import dev.postrider.message.StatusChange;
import dev.postrider.message.StatusListener;
import dev.postrider.message.StoredMessage;
import dev.postrider.platform.Node;
import dev.postrider.platform.Text;
import dev.postrider.platform.Wired;
import dev.postrider.queue.Job;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.JobQueue.Expired;
import dev.postrider.queue.QueueSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Closes the attempts of nodes that never came back, and decides what becomes of their messages:
 * one that must not be repeated and had started is uncertain, one that took its node down too often
 * is dead, any other is queued again.
 */
@Wired
class RescueDeliveries {
  private static final Logger log = LoggerFactory.getLogger(RescueDeliveries.class);

  private final Apps apps;
  private final Providers providers;
  private final MessageStore messages;
  private final ProgressStore progress;
  private final AttemptStore attempts;
  private final ApplyReceipts receipts;
  private final JobQueue queue;
  private final Node node;
  private final QueueSettings settings;
  private final List<StatusListener> listeners;

  RescueDeliveries(
      Apps apps,
      Providers providers,
      MessageStore messages,
      ProgressStore progress,
      AttemptStore attempts,
      ApplyReceipts receipts,
      JobQueue queue,
      Node node,
      QueueSettings settings,
      List<StatusListener> listeners) {
    this.apps = apps;
    this.providers = providers;
    this.messages = messages;
    this.progress = progress;
    this.attempts = attempts;
    this.receipts = receipts;
    this.queue = queue;
    this.node = node;
    this.settings = settings;
    this.listeners = listeners;
  }

  /** What a stop gives back unstarted. */
  void released(List<Job> jobs) {
    if (!jobs.isEmpty()) {
      tell(progress.move(jobs.stream().map(Verdicts::released).toList()));
    }
  }

  private void tell(List<StatusChange> changes) {
    listeners.forEach(listener -> listener.changed(changes));
  }

  void rescued(List<Expired> expired) {
    List<Attempt> crashed = new ArrayList<>();
    List<Move> moves = new ArrayList<>();
    List<Message> dead = new ArrayList<>();
    List<Long> lookedUp = new ArrayList<>();
    for (Expired lost : expired) {
      Job job = lost.job();
      StoredMessage message = messages.find(new AppId(job.appId()), job.id()).orElse(null);
      if (message == null || message.dispatch() != Dispatch.SENDING) {
        lookedUp.add(job.id()); // an uncertain one: nothing was attempted
        continue;
      }
      Dispatch next = next(lost, message.message().hold());
      if (next == Dispatch.DEAD) {
        dead.add(message.message());
      }
      crashed.add(crash(job, lost.now(), next, expectedId(message)));
      moves.add(
          Verdicts.move(
              job, Dispatch.SENDING, next, "rescued", "crash", "its node did not come back"));
    }
    if (!lookedUp.isEmpty()) {
      queue.uncount(DeliverMessages.KIND, lookedUp);
    }
    if (moves.isEmpty()) {
      return;
    }
    attempts.insert(crashed, node.id());
    List<StatusChange> changes = new ArrayList<>(progress.move(moves));
    // It may have arrived, and its receipts with it.
    changes.addAll(receipts.adopt(crashed));
    if (!dead.isEmpty()) {
      dead.forEach(message -> about(log.atError(), message).log("delivery.dead"));
      queue.remove(DeliverMessages.KIND, dead.stream().map(Message::id).toList());
    }
    tell(changes);
  }

  private static LoggingEventBuilder about(LoggingEventBuilder line, Message message) {
    return message.correlation().addTo(line.addKeyValue("message_id", message.id()));
  }

  private Dispatch next(Expired lost, boolean hold) {
    if (hold && lost.started()) {
      return Dispatch.UNCERTAIN;
    }
    return lost.job().crashes() >= settings.maxCrashes() ? Dispatch.DEAD : Dispatch.QUEUED;
  }

  private @Nullable String expectedId(StoredMessage stored) {
    Message message = stored.message();
    try {
      return apps.sender(message.sender())
          .flatMap(sender ->
              providers
                  .of(sender.account())
                  .expectedId(
                      sender.account(), message.id(), stored.createdAt(), message.content()))
          .orElse(null);
    } catch (RuntimeException e) {
      // A sender that cannot be loaded is no reason to rescue nobody.
      about(log.atWarn(), message)
          .addKeyValue("cause", Text.cleaned(String.valueOf(e), 200))
          .log("delivery.no_expected_id");
      return null;
    }
  }

  private static Attempt crash(Job job, Instant now, Dispatch next, @Nullable String expectedId) {
    return new Attempt(
        job.id(),
        job.attempt(),
        job.appId(),
        job.lane(),
        job.claimedAt(),
        now,
        Attempt.Outcome.CRASH,
        "crash",
        "its node did not come back",
        next == Dispatch.QUEUED ? now : null,
        expectedId);
  }
}
