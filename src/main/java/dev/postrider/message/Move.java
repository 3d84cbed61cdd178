package dev.postrider.message;

import dev.postrider.app.AppId;
import org.jspecify.annotations.Nullable;

/**
 * A step of a message on the dispatch axis.
 *
 * @param event what happened, in a word for the audit trail
 * @param attempt the attempt it came from, 0 for none: then a claim that it ends began none
 */
public record Move(
    AppId app,
    long messageId,
    Dispatch from,
    Dispatch to,
    String event,
    int attempt,
    @Nullable String code,
    @Nullable String detail,
    @Nullable String providerMessageId) {

  public Move {
    if (!from.canBecome(to)) {
      throw new IllegalArgumentException(from + " cannot become " + to);
    }
  }
}
