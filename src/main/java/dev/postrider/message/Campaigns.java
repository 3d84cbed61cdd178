package dev.postrider.message;

import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.JobHandler;
import dev.postrider.queue.JobQueue;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Pauses and resumes what carries one campaign's name. A pause holds the jobs that wait, so that a
 * hundred thousand of them cost nothing while they do; what is claimed meanwhile is put back.
 */
@Wired
public class Campaigns {
  private static final int CHUNK = 5_000;

  private final CampaignStore store;
  private final JobQueue queue;
  private final JobHandler<Outgoing> delivery;
  private final Transactions transactions;
  private final CampaignPauses pauses;

  public Campaigns(
      CampaignStore store,
      CampaignPauses pauses,
      JobQueue queue,
      JobHandler<Outgoing> delivery,
      Transactions transactions) {
    this.store = store;
    this.queue = queue;
    this.delivery = delivery;
    this.transactions = transactions;
    this.pauses = pauses;
  }

  void pause(CampaignId id) {
    transactions.run(() -> store.setPaused(id, true));
    pauses.forget(id);
    inChunks(id, waiting -> queue.hold(delivery.kind(), waiting.keySet()));
  }

  void resume(CampaignId id) {
    transactions.run(() -> store.setPaused(id, false));
    pauses.forget(id);
    wake(id);
  }

  /** Wakes what a pause held; safe to repeat. */
  void wake(CampaignId id) {
    inChunks(id, waiting -> queue.wake(delivery.kind(), waiting));
    store.awake(id);
  }

  private void inChunks(CampaignId id, Consumer<Map<Long, Instant>> step) {
    long after = 0;
    Map<Long, Instant> waiting = store.waiting(id, after, CHUNK);
    while (!waiting.isEmpty()) {
      Map<Long, Instant> chunk = waiting;
      transactions.run(() -> step.accept(chunk));
      after = chunk.keySet().stream().mapToLong(Long::longValue).max().orElseThrow();
      waiting = store.waiting(id, after, CHUNK);
    }
  }
}
