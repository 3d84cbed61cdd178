package dev.postrider.webhook;

/**
 * Events that an endpoint is to be told of: those with numbers from {@code next} to {@code last}
 * that it wants. A job of the queue.
 */
record Notice(long id, long endpoint, long next, long last) {}
