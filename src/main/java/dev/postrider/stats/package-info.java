/**
 * How many messages took which turn, and how fast, by hour: counted in the transaction of the
 * change, read without touching a message.
 */
@ApplicationModule(allowedDependencies = {"platform", "app", "channel", "message"})
@NullMarked
package dev.postrider.stats;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
