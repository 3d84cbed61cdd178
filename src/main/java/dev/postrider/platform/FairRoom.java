package dev.postrider.platform;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

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

  private final Map<Object, Integer> taken = new ConcurrentHashMap<>();
  private int free;

  /** Somebody who would not be given one more; null where nobody is known to be. */
  private volatile @Nullable Object full;

  public FairRoom(int total) {
    this.free = total;
  }

  /**
   * Takes some; false when there is not so much for this owner. Who has nothing gets whatever fits.
   */
  public boolean take(Object owner, int amount) {
    return take(owner, 0, amount);
  }

  /**
   * Takes more for what already has some; false when there is not so much for this owner. The only
   * one of its owner gets whatever fits.
   *
   * @param held what it has
   */
  public boolean take(Object owner, int held, int amount) {
    // Under a crowd each wait for the lock counts: most ask for nothing, and most of the others are
    // known to have all that they may have.
    return amount == 0 || (!(held == 0 && owner.equals(full)) && taken(owner, held, amount));
  }

  private synchronized boolean taken(Object owner, int held, int amount) {
    int own = of(owner);
    if (!fits(own, own == held, amount)) {
      // Not who only asked for too much at once.
      full = fits(own, own == 0, 1) ? full : owner;
      return false;
    }
    taken.put(owner, own + amount);
    free -= amount;
    if (!fits(own + amount, false, 1)) {
      full = owner;
    }
    return true;
  }

  private boolean fits(int own, boolean whateverFits, int amount) {
    int left = free - amount;
    return left >= 0 && (whateverFits || own + amount <= SHARE * left);
  }

  /** Gives back what was taken. */
  public void give(Object owner, int amount) {
    if (amount > 0) {
      given(owner, amount);
    }
  }

  private synchronized void given(Object owner, int amount) {
    int left = of(owner) - amount;
    if (left < 0) {
      throw new IllegalStateException("more is given back than was taken");
    }
    if (left == 0) {
      taken.remove(owner);
    } else {
      taken.put(owner, left);
    }
    free += amount;
    Object waits = full;
    if (waits != null && fits(of(waits), of(waits) == 0, 1)) {
      full = null;
    }
  }

  /** How much more this owner may take, in small pieces; one where he has nothing. */
  public synchronized int left(Object owner) {
    int own = of(owner);
    // The most, x, for which own + x <= SHARE * (free - x).
    int more = Math.floorDiv(SHARE * free - own, SHARE + 1);
    return Math.max(own == 0 ? Math.min(1, free) : 0, more);
  }

  /** How much this owner has taken. */
  public int of(Object owner) {
    return taken.getOrDefault(owner, 0);
  }

  /**
   * Whether somebody is known to have all that he may have, so that the next one may be refused.
   */
  public boolean isCrowded() {
    return full != null;
  }
}
