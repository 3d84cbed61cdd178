package dev.postrider.webhook;

import dev.postrider.app.AppId;
import dev.postrider.event.Event;
import dev.postrider.message.MessageFacts;
import dev.postrider.message.MessageStore;
import dev.postrider.platform.Correlation;
import dev.postrider.platform.Json;
import dev.postrider.platform.Wired;
import dev.postrider.template.TemplateRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into what is delivered: the event, and what never changes of its message. The same
 * event is the same body whenever it is tried.
 */
@Wired
class DescribeEvents {
  private final MessageStore messages;

  DescribeEvents(MessageStore messages) {
    this.messages = messages;
  }

  List<WebhookClient.Payload> describe(AppId app, List<Event> events) {
    Map<Long, MessageFacts> facts =
        messages.facts(
            app, events.stream().map(Event::message).filter(Objects::nonNull).distinct().toList());
    List<WebhookClient.Payload> payloads = new ArrayList<>();
    for (Event event : events) {
      MessageFacts of = event.message() == null ? null : facts.get(event.message());
      payloads.add(
          new WebhookClient.Payload(
              event.id(),
              event.seq(),
              event.type().word(),
              body(event, of),
              of == null ? null : new Correlation(of.correlationId(), of.traceparent())));
    }
    return payloads;
  }

  /** What is delivered; null where there is nothing to tell. */
  private record Body(String type, Instant timestamp, Object data) {}

  private record OfMessage(
      long appId,
      long seq,
      @Nullable Long messageId,
      @Nullable String status,
      @Nullable String previousStatus,
      @Nullable Long senderId,
      @Nullable String recipient,
      @Nullable String campaignId,
      @Nullable String correlationId,
      @Nullable Long retryOf,
      @Nullable TemplateRef template,
      @Nullable Object metadata,
      @Nullable String code) {}

  private record OfSender(long appId, long seq, @Nullable Long senderId, @Nullable String code) {}

  private record OfEndpoint(
      long appId, long seq, @Nullable Long endpointId, @Nullable String code) {}

  private static Body body(Event event, @Nullable MessageFacts message) {
    long app = event.app().value();
    return new Body(
        event.type().word(),
        event.at(),
        switch (event.type().subject()) {
          case MESSAGE -> ofMessage(event, message);
          case SENDER -> new OfSender(app, event.seq(), event.senderId(), event.code());
          case ENDPOINT -> new OfEndpoint(app, event.seq(), event.endpoint(), event.code());
        });
  }

  private static OfMessage ofMessage(Event event, @Nullable MessageFacts message) {
    return new OfMessage(
        event.app().value(),
        event.seq(),
        event.message(),
        event.status(),
        event.previous(),
        event.senderId(),
        message == null ? null : message.recipient(),
        message == null ? null : message.campaignId(),
        message == null ? null : message.correlationId(),
        message == null ? null : message.retryOf(),
        message == null ? null : message.template(),
        message == null || message.metadata() == null ? null : Json.raw(message.metadata()),
        event.code());
  }
}
