/**
 * The message: accepting it, where it stands, finding and canceling it. Accepting commits the
 * message, its first log row, its idempotency key and its job together. Knows how a message may
 * move, not what moves it.
 */
@ApplicationModule(
    allowedDependencies = {"platform", "app", "channel", "queue", "ratelimit", "template"})
@NullMarked
package dev.postrider.message;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
