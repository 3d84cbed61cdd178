package dev.postrider.platform.database;

import dev.postrider.platform.Wired;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands out message ids without a round trip each: the node owns a block of a thousand at a time.
 * Ids grow on one node, stay below 2^53 (a JavaScript number), and a restart skips the rest of a
 * block. Whoever needs the next block while it is being fetched waits for that fetch, and fails
 * with it.
 */
@Wired
public class Ids {
  private static final class Block {
    final AtomicLong next;
    final long end;

    Block(long first, int size) {
      this.next = new AtomicLong(first);
      this.end = first + size;
    }
  }

  private final SequenceStore sequence;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Block block = new Block(0, 0);
  private @Nullable CompletableFuture<Block> fetching;

  public Ids(SequenceStore sequence) {
    this.sequence = sequence;
  }

  public long next() {
    Block current = block;
    long id = current.next.getAndIncrement();
    while (id >= current.end) {
      current = after(current);
      id = current.next.getAndIncrement();
    }
    return id;
  }

  /** The block after one that is used up. */
  private Block after(Block used) {
    CompletableFuture<Block> fetch;
    boolean mine = false;
    lock.lock();
    try {
      if (block != used) {
        return block;
      }
      if (fetching == null) {
        fetching = new CompletableFuture<>();
        mine = true;
      }
      fetch = fetching;
    } finally {
      lock.unlock();
    }
    if (mine) {
      // On a thread of its own: a request must not need a connection of its own for it.
      CompletableFuture<Block> begun = fetch;
      try {
        Thread.ofVirtual().name("ids").start(() -> fetch(begun));
      } catch (Error e) {
        failed(begun, e);
      }
    }
    return await(fetch);
  }

  private void fetch(CompletableFuture<Block> fetch) {
    try {
      Block fresh = new Block(sequence.nextBlock(), SequenceStore.BLOCK);
      settle(fresh);
      fetch.complete(fresh);
    } catch (RuntimeException | Error e) {
      failed(fetch, e);
    }
  }

  private void failed(CompletableFuture<Block> fetch, Throwable why) {
    settle(block);
    fetch.completeExceptionally(why);
  }

  private void settle(Block now) {
    lock.lock();
    try {
      block = now;
      fetching = null;
    } finally {
      lock.unlock();
    }
  }

  private static Block await(CompletableFuture<Block> fetch) {
    try {
      return fetch.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
