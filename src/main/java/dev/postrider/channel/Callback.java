package dev.postrider.channel;

import java.util.Optional;
import java.util.function.Function;

/** A provider's HTTP request to us, exactly as it came. */
@SuppressWarnings("ArrayRecordComponent") // signatures are computed over these very bytes
public record Callback(Function<String, Optional<String>> header, byte[] body) {}
