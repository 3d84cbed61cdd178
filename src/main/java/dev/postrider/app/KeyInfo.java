package dev.postrider.app;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What may be shown of a key. */
public record KeyInfo(
    long keyId,
    String kid,
    Instant createdAt,
    @Nullable Instant expiresAt,
    @Nullable Instant revokedAt,
    @Nullable Instant lastUsedAt) {}
