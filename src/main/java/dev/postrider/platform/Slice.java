package dev.postrider.platform;

import java.util.List;

/**
 * A part of a list, and whether there is more of it behind.
 *
 * @param bytes what people wrote of it, as it is stored; 0 where that is little
 */
public record Slice<T>(List<T> items, boolean more, int bytes) {
  public Slice(List<T> items, boolean more) {
    this(items, more, 0);
  }
}
