package dev.postrider.platform.web;

import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;

/**
 * The room that a request's body takes: of its beginning at first, and more as it comes; once it is
 * read, what it may take when it is parsed, in which three bytes can become an object of eighty.
 */
final class Pass {
  private static final int KIB = 1024;

  /** Read and kept, and once more as the texts of what was parsed. */
  private static final int COPIES = 2;

  /**
   * For each opening bracket, comma, colon and ampersand: {@code {"q":"a"}} takes 260 bytes as a
   * tree, {@code {}} 80, {@code [1]} 60, a field of a form 90.
   */
  private static final int BYTES_A_VALUE = 100;

  /** The most that one body may take: more than a callback of 3 MiB, dense as Meta's are. */
  private static final int MOST_KIB = 36 * KIB;

  private final Crowd.Door door;
  private final String owner;
  private final Runnable onRefusal;
  private int taken;

  /**
   * @param onRefusal when it is found out while it is read that there is no room for it
   */
  Pass(Crowd.Door door, String owner, Runnable onRefusal) {
    this.door = door;
    this.owner = owner;
    this.onRefusal = onRefusal;
  }

  /**
   * Takes room for the beginning of a body that is still to be read; false when there is none. More
   * is taken as it comes: who announces much and sends nothing takes little.
   */
  boolean enter(HttpServletRequest request, int announced) {
    int kib = Math.min(announced, Body.AT_FIRST) / KIB * COPIES;
    if (!door.bodies().take(owner, kib)) {
      return false;
    }
    taken = kib;
    request.setAttribute(Pass.class.getName(), this);
    return true;
  }

  /** So many bytes are about to be read: says so to the pass of their request, where it has one. */
  static void reading(HttpServletRequest request, int bytes) {
    if (request.getAttribute(Pass.class.getName()) instanceof Pass pass) {
      pass.resize(bytes / KIB * COPIES);
    }
  }

  /** A body was read: says so to the pass of its request, where it has one. */
  static void read(HttpServletRequest request, byte[] body) {
    if (request.getAttribute(Pass.class.getName()) instanceof Pass pass) {
      pass.resize(weight(body));
    }
  }

  /** What a body may take, in KiB. */
  static int weight(byte[] body) {
    long values = 0;
    for (byte b : body) {
      if (b == ',' || b == ':' || b == '{' || b == '[' || b == '&') {
        values++;
      }
    }
    return Math.toIntExact(((long) COPIES * body.length + BYTES_A_VALUE * values) / KIB);
  }

  private void resize(int kib) {
    if (kib > MOST_KIB) {
      throw ProblemException.of(
          Problem.PAYLOAD_TOO_LARGE,
          "The body has too many values: it would take more than "
              + MOST_KIB / KIB
              + " MiB when it is parsed.");
    }
    if (kib < taken) {
      door.bodies().give(owner, taken - kib);
    } else if (!door.bodies().take(owner, taken, kib - taken)) {
      onRefusal.run();
      throw ProblemException.retryLater(
          door.problem(),
          "The bodies of the requests under way take too much; nothing was done. Send it again in a"
              + " moment.",
          Duration.ofSeconds(1));
    }
    taken = kib;
  }

  /** The request has ended. */
  void leave() {
    door.bodies().give(owner, taken);
    taken = 0;
  }
}
