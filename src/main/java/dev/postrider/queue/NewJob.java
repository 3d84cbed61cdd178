package dev.postrider.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job to enqueue.
 *
 * @param runAt when it is due; null means now
 * @param token with a token, the job is inserted already claimed by this node
 */
public record NewJob(
    String kind,
    long id,
    long appId,
    long lane,
    Priority priority,
    @Nullable Instant runAt,
    @Nullable Long token) {}
