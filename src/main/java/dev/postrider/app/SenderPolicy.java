package dev.postrider.app;

import dev.postrider.platform.Violations;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How fast a sender sends, and how its messages are retried where its application's rule is not.
 */
public record SenderPolicy(Optional<Pacing> pacing, RetryRule retry) {

  /** A policy as it is written in JSON: asked for, stored and shown alike. */
  public record Document(@Nullable PacingDocument pacing, @Nullable RetryDocument retry) {

    SenderPolicy checked(Violations violations) {
      return new SenderPolicy(
          Optional.ofNullable(pacing).map(it -> it.checked(violations)),
          retry == null ? RetryRule.NONE : retry.checked("retry", violations));
    }
  }
}
