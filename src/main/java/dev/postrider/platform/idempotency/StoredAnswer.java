package dev.postrider.platform.idempotency;

import org.jspecify.annotations.Nullable;

/** An answer as it went out, kept so that the same request gets the same answer again. */
@SuppressWarnings("ArrayRecordComponent") // never compared; the bytes are the answer
public record StoredAnswer(int status, @Nullable String location, byte[] body) {}
