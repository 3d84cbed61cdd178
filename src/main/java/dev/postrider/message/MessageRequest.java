package dev.postrider.message;

import dev.postrider.channel.ApprovedTemplate;
import dev.postrider.message.MessageDraft.MediaDraft;
import dev.postrider.platform.Json;
import dev.postrider.platform.Violations;
import dev.postrider.platform.web.Body;
import dev.postrider.template.TemplateUse;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A message as a caller asks for it, in JSON.
 *
 * @param recipientPhoneNumber the brief's name for recipient
 * @param senderPhoneNumberId the brief's name for sender_id
 */
public record MessageRequest(
    @Schema(description = "The text; a caption where there is media", example = "Your code is 4711")
        @Nullable String messageContent,
    @Schema(allowableValues = {"text", "image", "file", "whatsapp_template"})
        @Nullable String messageType,
    @Schema(example = "+5511999998888") @Nullable String recipient,
    @Nullable String recipientPhoneNumber,
    @Nullable Long senderId,
    @Nullable Long senderPhoneNumberId,
    @Schema(description = "For e-mail") @Nullable String subject,
    @Schema(description = "For e-mail: an alternative to the text") @Nullable String messageHtml,
    @Nullable MediaRequest media,
    @Schema(
            description =
                "Instead of message_content: a template that WhatsApp has approved, and what to put"
                    + " into it; media is its header's then")
        @Nullable ApprovedTemplate whatsappTemplate,
    @Schema(
            description = "RFC 3339 with offset; or without one, by the clock of time_zone",
            example = "2026-12-24T18:00:00+01:00")
        @Nullable String scheduledFor,
    @Schema(
            description = "Not sent at or after it. RFC 3339 with offset; or by time_zone's clock",
            example = "2026-12-24T20:00:00+01:00")
        @Nullable String expiresAt,
    @Schema(
            description = "Instead of expires_at: not sent so many seconds after it is due",
            example = "300")
        @Nullable Long ttlSeconds,
    @Schema(
            description = "An IANA zone, for times without an offset",
            example = "America/Sao_Paulo")
        @Nullable String timeZone,
    @Schema(
            description = "The recipient's IANA zone, by whose clock quiet hours are kept",
            example = "America/Sao_Paulo")
        @Nullable String recipientTimeZone,
    @Schema(
            allowableValues = {"standard", "otp"},
            description = "otp: a code somebody waits for; it passes quiet hours")
        @Nullable String messageClass,
    @Schema(
            description = "Groups messages that are paused, resumed and counted together",
            example = "spring-sale")
        @Nullable String campaignId,
    @Schema(allowableValues = {"urgent", "high", "normal", "low"}) @Nullable String priority,
    @Schema(
            allowableValues = {"retry", "hold"},
            description = "hold: an attempt that may have arrived is never repeated")
        @Nullable String onAmbiguous,
    @Nullable Integer maxAttempts,
    @Schema(implementation = Object.class, description = "Your own JSON object, returned as it is")
        @Nullable JsonNode metadata,
    @Schema(description = "Where its words come from, instead of message_content and the like")
        @Nullable TemplateUse template) {

  /** An image or a file: by url, or by value as base64 data. */
  public record MediaRequest(
      @Nullable String url,
      @Nullable String data,
      @Nullable String mimetype,
      @Nullable String filename) {}

  /** One name for each thing; everything else is checked when it is composed. */
  MessageDraft draft() {
    Violations violations = new Violations();
    violations.require(
        recipient == null || recipientPhoneNumber == null,
        "recipient",
        "and recipient_phone_number are two names for one thing; give one");
    violations.require(
        senderId == null || senderPhoneNumberId == null,
        "sender_id",
        "and sender_phone_number_id are two names for one thing; give one");
    String ownData = metadata(violations);
    violations.throwIfAny();
    return new MessageDraft(
        messageContent,
        messageType,
        recipient == null ? recipientPhoneNumber : recipient,
        senderId == null ? senderPhoneNumberId : senderId,
        subject,
        messageHtml,
        media == null
            ? null
            : new MediaDraft(media.url(), media.data(), media.mimetype(), media.filename()),
        whatsappTemplate,
        new MessageDraft.Times(scheduledFor, expiresAt, ttlSeconds, timeZone, recipientTimeZone),
        messageClass,
        campaignId,
        priority,
        onAmbiguous,
        maxAttempts,
        ownData,
        template);
  }

  private @Nullable String metadata(Violations violations) {
    if (metadata == null || metadata.isNull()) {
      return null;
    }
    if (violations.require(metadata.isObject(), "metadata", "must be an object")) {
      checkTexts(metadata, violations);
    }
    return violations.isEmpty() ? Json.write(metadata) : null;
  }

  private static void checkTexts(JsonNode node, Violations violations) {
    node.propertyNames().forEach(name -> violations.text("metadata", name, 128));
    if (node.isString()) {
      violations.text("metadata", node.asString(), Body.SINGLE);
    }
    node.forEach(child -> checkTexts(child, violations));
  }
}
