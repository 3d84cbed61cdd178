package dev.postrider.channel;

import dev.postrider.platform.Text;

/** The ids that providers give messages: text from outside that must be found again. */
public final class MessageIds {
  /** In characters. An entry of an index must stay below 2,704 bytes. */
  private static final int LONGEST = 200;

  private MessageIds() {}

  /** Whether it can be kept. */
  public static boolean fits(String id) {
    return !id.isEmpty() && id.length() <= LONGEST && Text.flaw(id) == null;
  }
}
