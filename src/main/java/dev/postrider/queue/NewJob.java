package dev.postrider.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job to enqueue.
 *
 * @param runAt when it is due; null means now, {@link #HELD} not before it is woken
 * @param token with a token, the job is inserted already claimed by this node
 */
public record NewJob(
    String kind,
    long id,
    long appId,
    long lane,
    Priority priority,
    @Nullable Instant runAt,
    @Nullable Long token) {

  /** The time of a job that waits to be woken. */
  public static final Instant HELD = Instant.MAX;
}
