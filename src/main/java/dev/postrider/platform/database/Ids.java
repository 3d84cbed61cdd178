package dev.postrider.platform.database;

import dev.postrider.platform.Wired;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Hands out message ids without a round trip each: the node owns a block of a thousand at a time.
 * Ids grow on one node, stay below 2^53 (a JavaScript number), and a restart skips the rest of a
 * block.
 */
@Wired
public class Ids {
  private final SequenceStore sequence;
  private final ReentrantLock lock = new ReentrantLock();
  private long next;
  private long end;

  public Ids(SequenceStore sequence) {
    this.sequence = sequence;
  }

  public long next() {
    lock.lock();
    try {
      if (next == end) {
        next = sequence.nextBlock();
        end = next + SequenceStore.BLOCK;
      }
      return next++;
    } finally {
      lock.unlock();
    }
  }
}
