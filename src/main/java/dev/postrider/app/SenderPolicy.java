package dev.postrider.app;

import dev.postrider.platform.Violations;
import org.jspecify.annotations.Nullable;

/** How a sender's messages are retried, where that differs from its application's. */
public record SenderPolicy(RetryRule retry) {
  public static final SenderPolicy NONE = new SenderPolicy(RetryRule.NONE);

  /** A policy as it is written in JSON: asked for, stored and shown alike. */
  public record Document(@Nullable RetryDocument retry) {
    static final Document EMPTY = new Document(null);

    SenderPolicy checked(Violations violations) {
      return new SenderPolicy(retry == null ? RetryRule.NONE : retry.checked("retry", violations));
    }
  }
}
