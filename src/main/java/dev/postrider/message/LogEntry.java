package dev.postrider.message;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One row of a message's audit trail. */
public record LogEntry(
    int version,
    Instant at,
    String event,
    @Nullable String dispatchFrom,
    String dispatchTo,
    String status,
    @Nullable Integer attempt,
    @Nullable String code,
    @Nullable String detail) {}
