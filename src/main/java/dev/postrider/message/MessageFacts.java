package dev.postrider.message;

import dev.postrider.template.TemplateRef;
import org.jspecify.annotations.Nullable;

/** What never changes of a message, without its words. */
public record MessageFacts(
    long id,
    String recipient,
    @Nullable String metadata,
    @Nullable String campaignId,
    String correlationId,
    @Nullable String traceparent,
    @Nullable Long retryOf,
    @Nullable TemplateRef template) {}
