/**
 * Carries accepted messages to their recipients: one attempt at a time, decided by its answer,
 * recorded with it, retried until it is handed off or given up; then takes in what the provider
 * reports. Explains where a message stands. Knows nothing of how a message was asked for.
 */
@ApplicationModule(
    allowedDependencies = {"platform", "app", "channel", "queue", "message", "circuit", "template"})
@NullMarked
package dev.postrider.delivery;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
