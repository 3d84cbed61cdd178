package dev.postrider.delivery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a message from starting.
 *
 * @param reason the same word as in {@code /explain}
 * @param because one sentence for a person
 * @param until when it ends by itself; null when somebody has to end it
 * @param ofSender whether it holds all of the sender's messages, and so changes no order
 */
record Hold(String reason, String because, @Nullable Instant until, boolean ofSender) {}
