package dev.postrider.channel;

/** A callback that is not what it claims to be: missing, wrong or unverifiable signature. */
public final class CallbackRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CallbackRefused(String why) {
    super(why, null, false, false);
  }
}
