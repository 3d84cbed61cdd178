package dev.postrider.app;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An application that posts messages.
 *
 * @param defaultRecipient whom a message without a recipient goes to
 * @param policy when its messages may go and how they are retried, as it was written
 * @param pausedAt since when nothing of it is sent; null when it is not paused
 */
public record App(
    AppId id,
    String name,
    @Nullable String defaultRecipient,
    AppPolicy.Document policy,
    @Nullable Instant pausedAt,
    Instant createdAt) {}
