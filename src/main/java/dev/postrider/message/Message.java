package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.app.SenderId;
import dev.postrider.channel.Content;
import dev.postrider.platform.Correlation;
import dev.postrider.platform.Text;
import dev.postrider.queue.Priority;
import dev.postrider.template.TemplateRef;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * What was accepted: one content to one recipient. Never changes, except that the time it is
 * scheduled for may be moved while it waits.
 *
 * @param recipient in the form its provider uses
 * @param metadata the caller's own JSON, returned as it came
 * @param hold whether an ambiguous attempt must not be repeated (on_ambiguous=hold)
 * @param maxAttempts attempts that count before it is given up
 * @param expiresAt it is not sent at or after this time
 * @param scheduledFor it is not sent before this time; null for at once
 * @param notBefore its first turn as far as anyone knew when it was accepted: its scheduled time,
 *     or the end of quiet hours; null for at once
 * @param kind whether it keeps quiet hours
 * @param recipientZone whose clock quiet hours are kept by; null for the application's zone
 * @param campaignId what it is paused, resumed and counted with
 * @param retryOf the message this one sends again
 * @param template what its words come from
 */
public record Message(
    long id,
    AppId app,
    SenderId sender,
    String recipient,
    Content content,
    @Nullable String metadata,
    Priority priority,
    boolean hold,
    int maxAttempts,
    Instant expiresAt,
    @Nullable Instant scheduledFor,
    @Nullable Instant notBefore,
    MessageClass kind,
    @Nullable ZoneId recipientZone,
    @Nullable String campaignId,
    Correlation correlation,
    @Nullable Long retryOf,
    @Nullable TemplateRef template) {
  /** The same to the same, saying this. */
  public Message saying(Content other) {
    return new Message(
        id,
        app,
        sender,
        recipient,
        other,
        metadata,
        priority,
        hold,
        maxAttempts,
        expiresAt,
        scheduledFor,
        notBefore,
        kind,
        recipientZone,
        campaignId,
        correlation,
        retryOf,
        template);
  }

  /** Odd and without a pattern (the golden ratio of 2^64): neighbours' ids end far apart. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  /**
   * What it shares with the messages of its sender to the same recipient, which keep their order;
   * never 0. A hash: that two recipients share one once in a while only makes one wait.
   */
  public long orderKey() {
    long hash = Text.hash(recipient) ^ sender.value() * SPREAD;
    return hash == 0 ? 1 : hash;
  }
}
