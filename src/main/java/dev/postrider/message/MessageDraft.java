package dev.postrider.message;

import dev.postrider.channel.ApprovedTemplate;
import dev.postrider.template.TemplateUse;
import org.jspecify.annotations.Nullable;

/**
 * A message as it was asked for, before anything was checked. Null is what the caller did not say.
 *
 * @param metadata the caller's own JSON object, as text
 */
record MessageDraft(
    @Nullable String content,
    @Nullable String type,
    @Nullable String recipient,
    @Nullable Long senderId,
    @Nullable String subject,
    @Nullable String html,
    @Nullable MediaDraft media,
    @Nullable ApprovedTemplate approved,
    Times times,
    @Nullable String messageClass,
    @Nullable String campaignId,
    @Nullable String priority,
    @Nullable String onAmbiguous,
    @Nullable Integer maxAttempts,
    @Nullable String metadata,
    @Nullable TemplateUse template) {

  MessageDraft withTtl(long seconds) {
    return with(
        content,
        subject,
        html,
        new Times(
            times.scheduledFor(),
            times.expiresAt(),
            seconds,
            times.timeZone(),
            times.recipientTimeZone()));
  }

  MessageDraft withWords(@Nullable String text, @Nullable String subject, @Nullable String html) {
    return with(text, subject, html, times);
  }

  private MessageDraft with(
      @Nullable String content, @Nullable String subject, @Nullable String html, Times times) {
    return new MessageDraft(
        content,
        type,
        recipient,
        senderId,
        subject,
        html,
        media,
        approved,
        times,
        messageClass,
        campaignId,
        priority,
        onAmbiguous,
        maxAttempts,
        metadata,
        template);
  }

  /** Media as it was asked for. */
  record MediaDraft(
      @Nullable String url,
      @Nullable String data,
      @Nullable String mimetype,
      @Nullable String filename) {}

  /** When it should go, as it was asked for. */
  record Times(
      @Nullable String scheduledFor,
      @Nullable String expiresAt,
      @Nullable Long ttlSeconds,
      @Nullable String timeZone,
      @Nullable String recipientTimeZone) {}
}
