package dev.postrider.platform.web;

import dev.postrider.platform.FairRoom;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;

/**
 * The room that a request's body takes: as it is announced at first; once it is read, what it may
 * take when it is parsed, in which three bytes can become an object of eighty.
 */
final class Pass {
  private static final int KIB = 1024;

  /** Read and kept, and once more as the texts of what was parsed. */
  private static final int COPIES = 2;

  /**
   * For each opening bracket, comma and colon: {@code {"q":"a"}} takes 260 bytes as a tree, {@code
   * {}} 80, {@code [1]} 60.
   */
  private static final int BYTES_A_VALUE = 100;

  /** The most that one body may take. */
  private static final int MOST_KIB = 32 * KIB;

  private final FairRoom room;
  private final String owner;
  private final Problem problem;
  private int taken;

  /**
   * @param room in KiB
   * @param problem what it is told who finds none
   */
  Pass(FairRoom room, String owner, Problem problem) {
    this.room = room;
    this.owner = owner;
    this.problem = problem;
  }

  /** Takes room for a body that is still to be read; false when there is none. */
  boolean enter(HttpServletRequest request, int announced) {
    int kib = announced / KIB * COPIES;
    if (!room.take(owner, kib)) {
      return false;
    }
    taken = kib;
    request.setAttribute(Pass.class.getName(), this);
    return true;
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
      if (b == ',' || b == ':' || b == '{' || b == '[') {
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
      room.give(owner, taken - kib);
    } else if (!room.take(owner, kib - taken)) {
      throw ProblemException.retryLater(
          problem,
          "The bodies of the requests under way take too much; nothing was done. Send it again in a"
              + " moment.",
          Duration.ofSeconds(1));
    }
    taken = kib;
  }

  /** The request has ended. */
  void leave() {
    room.give(owner, taken);
    taken = 0;
  }
}
