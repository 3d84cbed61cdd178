package dev.postrider.platform.web;

import dev.postrider.platform.FairRoom;
import dev.postrider.platform.Problem;
import org.springframework.stereotype.Component;

/** The room for requests that are under way. What finds none for itself is turned away. */
@Component
class Crowd {
  private static final int KIB_OF_A_MIB = 1024;

  /**
   * One way in.
   *
   * @param places for requests
   * @param bodies for what their bodies may take when they are parsed, in KiB
   * @param problem what it is told who finds no room
   */
  record Door(FairRoom places, FairRoom bodies, Problem problem) {
    Door(int places, int mib, Problem problem) {
      this(new FairRoom(places), new FairRoom(mib * KIB_OF_A_MIB), problem);
    }
  }

  private final Door api = new Door(256, 64, Problem.OVERLOADED);

  /**
   * Anybody can begin one, and only its end shows whose it is. 503, because there are providers
   * that repeat nothing else.
   */
  private final Door callbacks = new Door(128, 40, Problem.UNAVAILABLE);

  /** Each is half a megabyte, and nobody needs a key for it. */
  private final Door documents = new Door(16, 1, Problem.OVERLOADED);

  Door api() {
    return api;
  }

  /** Of providers. */
  Door callbacks() {
    return callbacks;
  }

  /** {@code /openapi.json}. */
  Door documents() {
    return documents;
  }

  /** Whether the next request of the API may be turned away, whatever its body. */
  boolean isFull() {
    return api.places().isCrowded();
  }
}
