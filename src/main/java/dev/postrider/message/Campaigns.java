package dev.postrider.message;

import dev.postrider.platform.Quota;
import dev.postrider.platform.SharedRoom;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.JobHandler;
import dev.postrider.queue.JobQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pauses and resumes what carries one campaign's name. A pause holds the jobs that wait, so that a
 * hundred thousand of them cost nothing while they do; what is claimed meanwhile is held at its
 * turn.
 */
@Wired
public class Campaigns {
  private static final Logger log = LoggerFactory.getLogger(Campaigns.class);
  private static final int CHUNK = 5_000;

  /** A pause needs no message: each costs a row, and a look at it once in a while. */
  private static final int MOST_PAUSED = 1_000;

  private final CampaignStore store;
  private final JobQueue queue;
  private final JobHandler<Outgoing> delivery;
  private final Transactions transactions;
  private final CampaignPauses pauses;

  /** All that a campaign ever had is read, however long that takes. */
  private final SharedRoom walks = new SharedRoom(2, 1, Duration.ofMillis(500));

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
    if (store.pausedAt(id).isEmpty()) {
      Quota.check(store.countPaused(id.app()), MOST_PAUSED, "paused campaigns");
    }
    transactions.run(() -> store.pause(id));
    pauses.forget(id);
    // What this does not come to is held at its turn.
    ifThereIsRoom(id, () -> hold(id));
  }

  private void hold(CampaignId id) {
    inChunks(
        id,
        waiting -> {
          // Not on, if somebody has resumed it meanwhile.
          boolean stillPaused = isPaused(id);
          if (stillPaused) {
            queue.hold(delivery.kind(), waiting.keySet());
          }
          return stillPaused;
        });
  }

  void resume(CampaignId id) {
    transactions.run(() -> store.resume(id));
    pauses.forget(id);
    // What this does not come to is woken by the loop.
    ifThereIsRoom(id, () -> wake(id));
  }

  private void ifThereIsRoom(CampaignId id, Runnable walk) {
    boolean walked =
        walks.with(
            id.app().value(),
            1,
            () -> {
              walk.run();
              return true;
            },
            () -> false);
    if (!walked) {
      log.atInfo().addKeyValue("app_id", id.app().value()).log("campaign.left_to_later");
    }
  }

  /** Wakes what a pause held; safe to repeat. */
  void wake(CampaignId id) {
    String waking = store.waking(id).orElse(null);
    boolean through =
        inChunks(
            id,
            waiting -> {
              boolean stillResumed = !isPaused(id);
              if (stillResumed) {
                queue.wake(delivery.kind(), waiting);
              }
              return stillResumed;
            });
    if (through && waking != null) {
      // What was paused and resumed again meanwhile is somebody else's to wake, from its beginning.
      store.awake(id, waking);
    }
  }

  /** In a transaction: the end of a pause waits until that is over. */
  private boolean isPaused(CampaignId id) {
    return !store.pausedMeanwhile(List.of(id)).isEmpty();
  }

  /**
   * Steps over what waits, until it is through or a step says that it is of no use; returns whether
   * it is through.
   */
  private boolean inChunks(CampaignId id, Predicate<Map<Long, Instant>> step) {
    boolean goOn = true;
    CampaignStore.Page page = store.waiting(id, 0, CHUNK);
    while (goOn && page.last() > 0) {
      Map<Long, Instant> chunk = page.waiting();
      goOn = chunk.isEmpty() || transactions.call(() -> step.test(chunk));
      page = store.waiting(id, page.last(), CHUNK);
    }
    return goOn;
  }
}
