package dev.postrider.message;

import dev.postrider.channel.ApprovedTemplate;
import dev.postrider.template.TemplateRef;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A message as it is shown. */
record MessageView(
    long messageId,
    String status,
    String recipient,
    long senderId,
    String messageType,
    @Nullable String messageContent,
    @Nullable String subject,
    @Nullable String messageHtml,
    @Nullable ApprovedTemplate whatsappTemplate,
    @Nullable MediaView media,
    String messageClass,
    @Nullable String campaignId,
    String priority,
    String onAmbiguous,
    int attempts,
    int maxAttempts,
    @Nullable String providerMessageId,
    @Nullable LastError lastError,
    Instant createdAt,
    @Nullable Instant scheduledFor,
    Instant expiresAt,
    @Nullable String recipientTimeZone,
    @Nullable Instant sentAt,
    @Nullable Instant deliveredAt,
    @Nullable Instant readAt,
    @Nullable Instant failedAt,
    @Nullable TemplateRef template,
    @Nullable Long retryOf,
    String correlationId,
    @com.fasterxml.jackson.annotation.JsonRawValue
        @io.swagger.v3.oas.annotations.media.Schema(implementation = Object.class)
        @Nullable String metadata) {

  /** How much there is of what people wrote. */
  int characters() {
    return length(messageContent) + length(messageHtml) + length(metadata);
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }

  /** Media without its bytes. */
  record MediaView(
      @Nullable String url, @Nullable Integer bytes, String mimetype, String filename) {}

  /** The last answer that was not an acceptance. */
  record LastError(String code, @Nullable String detail) {}

  /** The brief's timings of a message. */
  record MetricsView(
      long messageId,
      @Nullable Instant sentAt,
      @Nullable Instant deliveredAt,
      @Nullable Instant readAt,
      @Nullable Instant failedAt,
      @Nullable Long processingTimeMs) {

    static MetricsView of(StoredMessage stored) {
      Instant scheduled = stored.message().scheduledFor();
      Instant due =
          scheduled == null || scheduled.isBefore(stored.createdAt())
              ? stored.createdAt()
              : scheduled;
      Instant sent = stored.sentAt();
      return new MetricsView(
          stored.message().id(),
          sent,
          stored.deliveredAt(),
          stored.readAt(),
          stored.failedAt(),
          // Told of an attempt before it was moved to a later time, it was sent before it is due.
          sent == null ? null : Math.max(0, Duration.between(due, sent).toMillis()));
    }
  }

  static MessageView of(StoredMessage stored) {
    Message message = stored.message();
    var media = message.content().media();
    String code = stored.code();
    return new MessageView(
        message.id(),
        stored.status().word(),
        message.recipient(),
        message.sender().value(),
        message.content().type().word(),
        message.content().text(),
        message.content().subject(),
        message.content().html(),
        message.content().approved(),
        media == null
            ? null
            : new MediaView(media.url(), media.bytes(), media.mimetype(), media.filename()),
        message.kind().word(),
        message.campaignId(),
        message.priority().word(),
        message.hold() ? "hold" : "retry",
        stored.attempts(),
        message.maxAttempts(),
        stored.providerMessageId(),
        code == null ? null : new LastError(code, stored.detail()),
        stored.createdAt(),
        message.scheduledFor(),
        message.expiresAt(),
        message.recipientZone() == null ? null : message.recipientZone().getId(),
        stored.sentAt(),
        stored.deliveredAt(),
        stored.readAt(),
        stored.failedAt(),
        message.template(),
        message.retryOf(),
        message.correlation().id(),
        message.metadata());
  }
}
