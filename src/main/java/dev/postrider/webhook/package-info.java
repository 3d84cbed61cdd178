/**
 * Tells applications of their events: signed requests to their endpoints (Standard Webhooks), tried
 * again until they are taken, or for days. Knows events, not what makes them.
 */
@ApplicationModule(
    allowedDependencies = {
      "platform",
      "app",
      "channel",
      "channel :: egress",
      "queue",
      "template",
      "message",
      "event"
    })
@NullMarked
package dev.postrider.webhook;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
