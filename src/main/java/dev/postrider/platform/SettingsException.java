package dev.postrider.platform;

/** A setting that stops the start. The message is the one line the operator reads. */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SettingsException(String variable, String problem, String mend) {
    super(variable + " " + problem + ". " + mend);
  }
}
