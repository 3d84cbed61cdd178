/**
 * Circuit breakers by sender: whether its provider is called now, how long it is left alone after
 * it failed, and what a person has ordered. Knows nothing of messages.
 */
@ApplicationModule(allowedDependencies = {"platform", "app", "queue", "event"})
@NullMarked
package dev.postrider.circuit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
