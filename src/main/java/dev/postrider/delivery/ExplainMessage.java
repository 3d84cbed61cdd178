package dev.postrider.delivery;

import dev.postrider.app.AppId;
import dev.postrider.app.Apps;
import dev.postrider.circuit.FindCircuits;
import dev.postrider.message.MessageStore;
import dev.postrider.message.StoredMessage;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Wired;
import dev.postrider.queue.JobQueue;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Gathers what is known of a message and says why it is where it is. */
@Wired
class ExplainMessage {
  private final MessageStore messages;
  private final AttemptStore attempts;
  private final JobQueue queue;
  private final FindCircuits circuits;
  private final Apps apps;
  private final Gate gate;
  private final InstantSource clock;
  private final DeliverySettings settings;

  ExplainMessage(
      MessageStore messages,
      AttemptStore attempts,
      JobQueue queue,
      FindCircuits circuits,
      Apps apps,
      Gate gate,
      InstantSource clock,
      DeliverySettings settings) {
    this.messages = messages;
    this.attempts = attempts;
    this.queue = queue;
    this.circuits = circuits;
    this.apps = apps;
    this.gate = gate;
    this.clock = clock;
    this.settings = settings;
  }

  Explanation explain(AppId app, long id) {
    StoredMessage stored = required(app, id);
    return Explanation.of(
        new Explanation.Facts(
            stored,
            queue.standing(DeliverMessages.KIND, id),
            attempts.last(app, id),
            circuits.find(stored.message().sender().value()),
            apps.sender(stored.message().sender()).isEmpty(),
            gate.holds(stored.message(), clock.instant()),
            Optional.ofNullable(apps.pacedSenders().get(stored.message().sender())),
            settings.uncertainFor()));
  }

  List<Attempt> attempts(AppId app, long id, long after, int limit) {
    required(app, id);
    return attempts.list(app, id, after, limit);
  }

  private StoredMessage required(AppId app, long id) {
    return messages.find(app, id).orElseThrow(() -> ProblemException.notFound("message"));
  }
}
