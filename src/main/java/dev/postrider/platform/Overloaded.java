package dev.postrider.platform;

/** A bounded buffer is full: nothing was taken, nothing was done. */
public final class Overloaded extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Overloaded(String what) {
    super(what, null, false, false);
  }
}
