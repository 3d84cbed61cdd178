package dev.postrider.platform;

/** A string that must not be printed: its {@code toString} shows nothing of it. */
public record Secret(String value) {
  @Override
  public String toString() {
    return "***";
  }
}
