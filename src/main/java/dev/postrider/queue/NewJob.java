package dev.postrider.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job to enqueue.
 *
 * @param orderKey jobs with the same one, of one priority, keep the order in which they came, on
 *     all nodes, as long as none of them has to be tried again; 0 for none
 * @param runAt when it is due; null means now, {@link #HELD} not before it is woken
 * @param token with a token, the job is inserted already claimed by this node, unless another one
 *     must go before it
 */
public record NewJob(
    String kind,
    long id,
    long appId,
    long lane,
    Priority priority,
    long orderKey,
    @Nullable Instant runAt,
    @Nullable Long token) {

  /** The time of a job that waits to be woken. */
  public static final Instant HELD = Instant.MAX;
}
