package dev.postrider.message;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message and where it stands.
 *
 * @param version of its newest log row
 * @param attempts how many were made, with the one under way
 * @param code of the last answer that was not an acceptance
 */
public record StoredMessage(
    Message message,
    Instant createdAt,
    Dispatch dispatch,
    MessageStatus status,
    int version,
    int attempts,
    @Nullable String providerMessageId,
    @Nullable String code,
    @Nullable String detail,
    @Nullable Instant sentAt,
    @Nullable Instant providerFailedAt,
    @Nullable Instant deliveredAt,
    @Nullable Instant readAt,
    @Nullable Instant endedAt) {

  /** When it failed, by whoever's word; null when it has not. */
  public @Nullable Instant failedAt() {
    boolean ours = dispatch == Dispatch.FAILED || dispatch == Dispatch.DEAD;
    return providerFailedAt == null && ours ? endedAt : providerFailedAt;
  }
}
