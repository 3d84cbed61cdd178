package dev.postrider.platform;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The brief's success body. */
public record Envelope<T>(boolean success, String message, @Nullable T data) {

  public static <T> Envelope<T> of(String message, @Nullable T data) {
    return new Envelope<>(true, message, data);
  }

  /**
   * One page of a list.
   *
   * @param nextCursor give it back as {@code cursor} to read on; null at the end
   */
  public record Page<T>(List<T> items, @Nullable String nextCursor) {}
}
