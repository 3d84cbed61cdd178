package dev.postrider.channel.sandbox;

import dev.postrider.channel.Receipt;
import dev.postrider.channel.ReceiptArrived;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sandbox reports of what it took, each when its time has come. Many are reported at once,
 * as a provider does it: they share commits, and one that waits holds up no other.
 */
final class SandboxReceipts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SandboxReceipts.class);
  private static final Duration AGAIN = Duration.ofSeconds(1);
  private static final int AT_ONCE = 256;

  private final InstantSource clock;
  private final Consumer<ReceiptArrived> told;
  private final Semaphore room;
  private final Semaphore reporting = new Semaphore(AT_ONCE);
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("sandbox-receipts").factory());

  /**
   * @param most how many may be on their way
   */
  SandboxReceipts(InstantSource clock, Consumer<ReceiptArrived> told, int most) {
    this.clock = clock;
    this.told = told;
    this.room = new Semaphore(most);
  }

  /** Keeps room for so many that will come; false where there is none in time. */
  boolean reserve(int receipts, Duration patience) {
    try {
      return room.tryAcquire(receipts, patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Reports one that has room. Keeps no more of its message than whose it is. */
  void later(long sender, String id, Receipt.Kind kind, Duration after) {
    try {
      var _ =
          timer.schedule(
              () -> {
                Thread.ofVirtual().name("sandbox-receipt").start(() -> report(sender, id, kind));
              },
              after.toNanos(),
              TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException _) {
      // The service stops: what has not come yet is lost.
    }
  }

  private void report(long sender, String id, Receipt.Kind kind) {
    String detail = kind == Receipt.Kind.FAILED ? "the sandbox handset is switched off" : null;
    reporting.acquireUninterruptibly();
    try {
      told.accept(new ReceiptArrived(sender, new Receipt(id, kind, clock.instant(), detail)));
    } catch (RuntimeException e) {
      // A provider whose callback is not taken calls again.
      log.atDebug().setCause(e).log("sandbox.receipt_repeated");
      later(sender, id, kind, AGAIN);
      return;
    } finally {
      reporting.release();
    }
    room.release();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
