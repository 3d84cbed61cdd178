package dev.postrider.template;

import dev.postrider.app.AppId;
import dev.postrider.platform.FairRoom;
import dev.postrider.platform.Overloaded;

/**
 * What the messages of one request may take to be rendered, together. A template of a line makes a
 * megabyte of a request into a hundred; the heap is fixed. Open until the messages are stored, or
 * forgotten. Used by one thread.
 */
public final class Allowance implements AutoCloseable {
  static final int STEPS = 2_000_000;
  static final int CHARACTERS = 8 * 1024 * 1024;

  private static final int KIB = 1024;

  /** About a millisecond. */
  private static final int STEPS_OF_A_TURN = 10_000;

  private final AppId app;
  private final FairRoom room;
  private int steps;
  private int stepsOfThisTurn;
  private int characters;
  private int taken;

  Allowance(AppId app, FairRoom room) {
    this.app = app;
    this.room = room;
  }

  /** What the next rendering may cost. */
  Budget budget() {
    int left = STEPS - steps;
    return left < Budget.STEPS
        ? new Budget(left, "takes, with the messages before it, more than " + STEPS + " steps")
        : new Budget();
  }

  /** A rendering has ended, well or not. */
  @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it
  void spent(int more) {
    steps += more;
    stepsOfThisTurn += more;
    if (stepsOfThisTurn > STEPS_OF_A_TURN) {
      stepsOfThisTurn = 0;
      // A virtual thread keeps its carrier for as long as it likes.
      Thread.yield();
    }
  }

  /**
   * Keeps what was rendered; false when that is more than one request may have.
   *
   * @throws Overloaded when there is no room for it among all that are under way
   */
  boolean keep(int length) {
    if (characters + length > CHARACTERS) {
      return false;
    }
    characters += length;
    int more = characters / KIB - taken;
    if (more > 0 && !room.take(app, taken, more)) {
      throw new Overloaded("renderings");
    }
    taken += more;
    return true;
  }

  @Override
  public void close() {
    if (taken > 0) {
      room.give(app, taken);
      taken = 0;
    }
  }
}
