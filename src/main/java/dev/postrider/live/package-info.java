/**
 * Events as they happen, over WebSocket and as server-sent events: whoever is connected reads the
 * log from where it stands, whichever node writes to it.
 */
@ApplicationModule(allowedDependencies = {"platform", "app", "event"})
@NullMarked
package dev.postrider.live;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
