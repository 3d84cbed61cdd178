package dev.postrider.live;

import java.io.IOException;

/** What can be said to the other side of a connection, by one thread at a time. */
interface Wire {
  /** Throws when it is not taken in time. */
  void send(Tail.Frame frame) throws IOException;

  /**
   * Asks whether it is still there.
   *
   * @return whether there will be no other answer than that it was taken; else whoever hears one
   *     tells {@link Connection#heard}
   */
  boolean ping() throws IOException;

  /**
   * Hangs up, with a code and a reason where they can still be told. May wait for a thread that is
   * sending.
   */
  void close(int code, String reason);
}
