package dev.postrider.event;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event as it is shown.
 *
 * @param seq its number: from 1, without gaps, in the order of the commits
 * @param id the {@code webhook-id} of its deliveries
 */
public record EventView(
    long seq,
    String id,
    @Schema(example = "message.delivered") String type,
    Instant timestamp,
    @Nullable Long messageId,
    @Nullable Long senderId,
    @Nullable Long endpointId,
    @Nullable String status,
    @Nullable String previousStatus,
    @Nullable String code) {
  public static EventView of(Event event) {
    return new EventView(
        event.seq(),
        event.id(),
        event.type().word(),
        event.at(),
        event.message(),
        event.senderId(),
        event.endpoint(),
        event.status(),
        event.previous(),
        event.code());
  }
}
