package dev.postrider.platform;

import java.util.HashMap;
import java.util.Map;

/**
 * Room for what is under way, of which one owner may take three times as much as he leaves: alone
 * three quarters, of two 3/7 each, and so on. Who takes much leaves some to whoever comes next,
 * however many there are, and nothing is set aside for those who do not come (the dynamic
 * thresholds of Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998).
 *
 * <p>Never waits: who finds no room is told so.
 */
public final class FairRoom {
  private static final int SHARE = 3;

  private final int total;
  private final Map<Object, Integer> taken = new HashMap<>();
  private volatile int free;

  public FairRoom(int total) {
    this.total = total;
    this.free = total;
  }

  /**
   * Takes some; false when there is not so much for this owner. Who has nothing gets whatever fits.
   */
  public synchronized boolean take(Object owner, int amount) {
    int own = taken.getOrDefault(owner, 0);
    int left = free - amount;
    if (left < 0 || (own > 0 && own + amount > SHARE * left)) {
      return false;
    }
    if (amount > 0) {
      taken.put(owner, own + amount);
      free = left;
    }
    return true;
  }

  /** Gives back what was taken. */
  public synchronized void give(Object owner, int amount) {
    int left = taken.getOrDefault(owner, 0) - amount;
    if (left < 0) {
      throw new IllegalStateException("more is given back than was taken");
    }
    if (left == 0) {
      taken.remove(owner);
    } else {
      taken.put(owner, left);
    }
    free += amount;
  }

  /** How much this owner has taken. */
  public synchronized int of(Object owner) {
    return taken.getOrDefault(owner, 0);
  }

  /** Whether somebody may have all that he may have: a quarter or less is free. */
  public boolean isCrowded() {
    return free * (SHARE + 1) <= total;
  }
}
