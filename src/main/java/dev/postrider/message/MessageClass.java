package dev.postrider.message;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What kind of a message it is, as far as the time of its sending goes. */
public enum MessageClass {
  /** Keeps quiet hours. */
  STANDARD,
  /** A code somebody waits for: passes quiet hours. */
  OTP;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<MessageClass> parse(String word) {
    return Arrays.stream(values()).filter(known -> known.word().equals(word)).findFirst();
  }
}
