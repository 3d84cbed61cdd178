package dev.postrider.message;

import dev.postrider.app.AppId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An order to send dead letters again, and how far it has come.
 *
 * @param state running, done or canceled
 * @param upto nothing newer than this message is redriven
 * @param progress the newest message that was looked at
 * @param total how many there were when it began
 * @param redriven how many were sent again, each as a new message
 * @param skipped how many could not be, or had been meanwhile
 */
record Redrive(
    long id,
    AppId app,
    DeadFilter.Document filter,
    String state,
    long upto,
    long progress,
    long total,
    long redriven,
    long skipped,
    String correlationId,
    Instant createdAt,
    @Nullable Instant endedAt) {}
