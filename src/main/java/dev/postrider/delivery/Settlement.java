package dev.postrider.delivery;

import dev.postrider.message.CampaignId;
import dev.postrider.message.Move;
import dev.postrider.platform.Correlation;
import dev.postrider.queue.Finish;
import dev.postrider.queue.Job;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The end of a run: what becomes of the job, the attempt it was, and the message's step. All of it
 * counts only while the job still holds its lease.
 *
 * @param heldBy the paused campaign because of which the job is to be held; null for all others
 * @param correlation the message's, for what is logged of it; null where nobody has said it yet
 */
record Settlement(
    Finish finish,
    @Nullable Attempt attempt,
    @Nullable Move move,
    @Nullable CampaignId heldBy,
    @Nullable Correlation correlation) {
  Settlement(
      Finish finish, @Nullable Attempt attempt, @Nullable Move move, @Nullable CampaignId heldBy) {
    this(finish, attempt, move, heldBy, null);
  }

  Settlement(Finish finish, @Nullable Attempt attempt, @Nullable Move move) {
    this(finish, attempt, move, null);
  }

  /** For longer than a node remembers a pause that is over. */
  private static final Duration PAUSE_FORGOTTEN = Duration.ofSeconds(2);

  /** The same, with nothing that holds it. */
  Settlement letGo() {
    return new Settlement(
        new Finish.Back(job(), PAUSE_FORGOTTEN, true), attempt, move, null, correlation);
  }

  /** The same, and whose it is. */
  Settlement of(Correlation whose) {
    return new Settlement(finish, attempt, move, heldBy, whose);
  }

  Job job() {
    return finish.job();
  }
}
