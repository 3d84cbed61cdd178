package dev.postrider.webhook;

import dev.postrider.app.AppId;
import dev.postrider.event.Event;
import dev.postrider.event.EventType;
import dev.postrider.message.MessageFacts;
import dev.postrider.message.MessageStore;
import dev.postrider.platform.Json;
import dev.postrider.platform.Wired;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
            app,
            events.stream()
                .filter(it -> it.type() != EventType.ENDPOINT_DISABLED)
                .map(Event::subject)
                .distinct()
                .toList());
    List<WebhookClient.Payload> payloads = new ArrayList<>();
    for (Event event : events) {
      MessageFacts of = facts.get(event.subject());
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
    if (event.type() == EventType.ENDPOINT_DISABLED) {
      data.put("endpoint_id", event.subject());
    } else {
      data.put("message_id", event.subject());
      data.put("status", event.status());
      data.put("previous_status", event.previous());
      data.put("sender_id", event.sender());
      if (message != null) {
        data.put("recipient", message.recipient());
        data.put("campaign_id", message.campaignId());
        data.put("correlation_id", message.correlationId());
        data.put("retry_of", message.retryOf());
        data.put("template", message.template());
        data.put("metadata", message.metadata() == null ? null : Json.raw(message.metadata()));
      }
    }
    data.put("code", event.code());
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", event.type().word());
    body.put("timestamp", event.at());
    body.put("data", data);
    return body;
  }
}
