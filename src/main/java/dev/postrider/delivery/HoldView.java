package dev.postrider.delivery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What holds a message back, as it is shown.
 *
 * @param reason a word for programs
 * @param because for a person
 * @param until when it ends by itself; null when somebody has to end it
 */
public record HoldView(String reason, String because, @Nullable Instant until) {
  static HoldView of(Hold hold) {
    return new HoldView(hold.reason(), hold.because(), hold.until());
  }
}
