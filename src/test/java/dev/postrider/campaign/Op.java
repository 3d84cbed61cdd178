package dev.postrider.campaign;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a caller wants: one message, however often it has to ask for it. Its name is the message's
 * text, so that it can be told at the provider without any id of the service.
 */
record Op(
    String name,
    Tenant tenant,
    String recipient,
    @Nullable String idempotencyKey,
    boolean hold,
    @Nullable Instant scheduledFor,
    @Nullable Instant expiresAt,
    @Nullable Integer maxAttempts) {

  static Op of(String name, Tenant tenant, String recipient) {
    return new Op(name, tenant, recipient, name, false, null, null, null);
  }

  Op withKey(@Nullable String key) {
    return new Op(name, tenant, recipient, key, hold, scheduledFor, expiresAt, maxAttempts);
  }

  Op to(String number) {
    return new Op(name, tenant, number, idempotencyKey, hold, scheduledFor, expiresAt, maxAttempts);
  }

  Op held() {
    return new Op(
        name, tenant, recipient, idempotencyKey, true, scheduledFor, expiresAt, maxAttempts);
  }

  Op at(Instant time) {
    return new Op(name, tenant, recipient, idempotencyKey, hold, time, expiresAt, maxAttempts);
  }

  Op until(Instant time) {
    return new Op(name, tenant, recipient, idempotencyKey, hold, scheduledFor, time, maxAttempts);
  }

  Op tries(int most) {
    return new Op(name, tenant, recipient, idempotencyKey, hold, scheduledFor, expiresAt, most);
  }

  String body() {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("message_content", name).put("recipient", recipient);
    if (hold) {
      body.put("on_ambiguous", "hold");
    }
    if (scheduledFor != null) {
      body.put("scheduled_for", scheduledFor.toString());
    }
    if (expiresAt != null) {
      body.put("expires_at", expiresAt.toString());
    }
    if (maxAttempts != null) {
      body.put("max_attempts", maxAttempts);
    }
    return body.toString();
  }
}
