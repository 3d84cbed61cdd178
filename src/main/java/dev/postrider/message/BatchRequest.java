package dev.postrider.message;

import dev.postrider.platform.Json;
import dev.postrider.platform.ProblemException;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Many messages in one request: to be sent, or planned. */
public record BatchRequest(
    @ArraySchema(schema = @Schema(implementation = MessageRequest.class))
        @Nullable List<JsonNode> messages) {
  private static final int MOST = 1000;

  /** The items of a body: each is read when it is asked for, and accepted or refused for itself. */
  public static List<Supplier<MessageRequest>> items(byte[] body) {
    List<JsonNode> items = Json.read(body, BatchRequest.class).messages();
    if (items == null || items.isEmpty() || items.size() > MOST) {
      throw ProblemException.invalid("messages", "must have from 1 to " + MOST + " messages");
    }
    return items.stream()
        .<Supplier<MessageRequest>>map(item -> () -> Json.convert(item, MessageRequest.class))
        .toList();
  }
}
