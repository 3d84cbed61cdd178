package dev.postrider.live;

import dev.postrider.app.AppId;
import dev.postrider.event.Event;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a connection wants.
 *
 * @param after the last event it has; it gets those after it
 * @param message only those of this message; null for all
 * @param types only those; all when empty
 * @param kid of the key it came with, or that its ticket was made with; null for the operator's
 */
record Subscription(
    AppId app, long after, @Nullable Long message, Set<String> types, @Nullable String kid) {
  boolean wants(Event event) {
    return (message == null || message.equals(event.message()))
        && (types.isEmpty() || types.contains(event.type().word()));
  }
}
