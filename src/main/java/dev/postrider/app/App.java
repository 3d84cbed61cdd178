package dev.postrider.app;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An application that posts messages.
 *
 * @param defaultRecipient whom a message without a recipient goes to
 */
public record App(AppId id, String name, @Nullable String defaultRecipient, Instant createdAt) {}
