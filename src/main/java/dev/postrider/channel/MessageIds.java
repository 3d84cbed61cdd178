package dev.postrider.channel;

import dev.postrider.platform.Text;

/** The ids that providers give messages: text from outside that must be found again. */
public final class MessageIds {
  /** None that is known takes more than 120 characters; an index takes 2,700 bytes. */
  private static final int LONGEST = 200;

  private MessageIds() {}

  /** Whether it can be kept. */
  public static boolean fits(String id) {
    return !id.isEmpty() && id.length() <= LONGEST && Text.flaw(id) == null;
  }
}
