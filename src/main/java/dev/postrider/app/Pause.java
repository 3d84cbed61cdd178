package dev.postrider.app;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * That nothing of a sender goes until a person says so.
 *
 * @param ofApplication since when its application is paused; null when it is not
 * @param ofSender since when it is paused itself; null when it is not
 */
public record Pause(@Nullable Instant ofApplication, @Nullable Instant ofSender) {}
