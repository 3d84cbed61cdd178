package dev.postrider.app;

/** An application's id. Methods that touch an application's data take it first. */
public record AppId(long value) {
  @Override
  public String toString() {
    return Long.toString(value);
  }
}
