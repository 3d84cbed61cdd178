package dev.postrider.app;

/** A sender's id. */
public record SenderId(long value) {
  @Override
  public String toString() {
    return Long.toString(value);
  }
}
