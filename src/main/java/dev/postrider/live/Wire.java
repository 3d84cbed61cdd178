package dev.postrider.live;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/**
 * What can be said to the other side of a connection, by one thread at a time.
 *
 * @param send throws when it is not taken in time
 * @param ping asks whether it is still there, and says up to which event all was looked at for it,
 *     where the protocol can; true when there will be no other answer than that it was taken, else
 *     whoever hears one tells {@link Connection#heard}. Throws like {@code send}
 * @param close hangs up, with a code and a reason where they can still be told; may wait for a
 *     thread that is sending
 */
record Wire(Consumer<Tail.Frame> send, LongPredicate ping, BiConsumer<Integer, String> close) {}
