package dev.postrider.webhook;

import dev.postrider.app.AppId;
import dev.postrider.event.Event;
import dev.postrider.message.MessageFacts;
import dev.postrider.message.MessageStore;
import dev.postrider.platform.Json;
import dev.postrider.platform.Wired;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
              of == null ? null : of.correlationId()));
    }
    return payloads;
  }

  private static Map<String, Object> body(Event event, @Nullable MessageFacts message) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("app_id", event.app().value());
    data.put("seq", event.seq());
    switch (event.type().subject()) {
      case MESSAGE -> describe(event, message, data);
      case SENDER -> data.put("sender_id", event.senderId());
      case ENDPOINT -> data.put("endpoint_id", event.endpoint());
    }
    data.put("code", event.code());
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", event.type().word());
    body.put("timestamp", event.at());
    body.put("data", data);
    return body;
  }

  private static void describe(
      Event event, @Nullable MessageFacts message, Map<String, @Nullable Object> data) {
    data.put("message_id", event.message());
    data.put("status", event.status());
    data.put("previous_status", event.previous());
    data.put("sender_id", event.senderId());
    if (message != null) {
      data.put("recipient", message.recipient());
      data.put("campaign_id", message.campaignId());
      data.put("correlation_id", message.correlationId());
      data.put("retry_of", message.retryOf());
      data.put("template", message.template());
      data.put("metadata", message.metadata() == null ? null : Json.raw(message.metadata()));
    }
  }
}
