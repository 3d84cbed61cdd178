package dev.postrider.platform.web;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.springframework.stereotype.Component;

/**
 * Slows down a crowd that comes back without waiting. A refusal costs little, but who asks again at
 * once is refused as often as the processor can, and takes it from those who were let in. So many
 * refusals a second are told at once, more than come of callers who wait as they are told; the
 * others are held for a moment, unless too many are.
 */
@Component
final class Tarpit {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** A second, for each processor: some fiftieth of what it can do. */
  private static final int AT_ONCE = 500;

  /** Each keeps its connection's buffers, some 50 KiB. */
  private static final int PLACES = 512;

  private static final Duration HOLD = Duration.ofMillis(500);

  private final long nanosEach;
  private final Duration hold;
  private final Executor later;
  private final Semaphore places;
  private final LongSupplier nanos;

  /** How far what is told at once has been used up, on the clock. */
  private final AtomicLong used;

  Tarpit() {
    this(AT_ONCE * Runtime.getRuntime().availableProcessors(), PLACES, HOLD, System::nanoTime);
  }

  /**
   * @param atOnce how many refusals a second are told at once
   * @param places how many are held at most
   * @param hold how long each is
   */
  Tarpit(int atOnce, int places, Duration hold, LongSupplier nanos) {
    this.nanosEach = SECOND / atOnce;
    this.places = new Semaphore(places);
    this.hold = hold;
    this.later =
        CompletableFuture.delayedExecutor(
            hold.toNanos(),
            TimeUnit.NANOSECONDS,
            task -> Thread.ofVirtual().name("tarpit").start(task));
    this.nanos = nanos;
    this.used = new AtomicLong(nanos.getAsLong() - SECOND);
  }

  /**
   * Holds a request for a while where too many are refused, and tells it then; false when it is to
   * be told now. Nothing waits meanwhile but the request's connection.
   */
  boolean holds(HttpServletRequest request, Runnable tell) {
    if (!takesIn()) {
      return false;
    }
    try {
      AsyncContext held = request.startAsync();
      held.setTimeout(0);
      later.execute(() -> letOut(held, tell));
      return true;
    } catch (IllegalStateException _) {
      out(); // something on its way here lets no request wait
      return false;
    }
  }

  private void letOut(AsyncContext held, Runnable tell) {
    out();
    try {
      tell.run();
    } catch (IllegalStateException | UncheckedIOException _) {
      // Whoever asked has gone.
    }
    try {
      held.complete();
    } catch (IllegalStateException _) {
      // Tomcat saw that before us.
    }
  }

  /** Whether one more refusal is to be held; what was is to be let out. */
  boolean takesIn() {
    return !isToldAtOnce() && places.tryAcquire();
  }

  void out() {
    places.release();
  }

  Duration hold() {
    return hold;
  }

  private boolean isToldAtOnce() {
    long now = nanos.getAsLong();
    long before = used.getAndUpdate(it -> isLeft(it, now) ? oneMore(it, now) : it);
    return isLeft(before, now);
  }

  private boolean isLeft(long before, long now) {
    return oneMore(before, now) - now <= 0;
  }

  /** What nobody used is kept for a second. */
  private long oneMore(long before, long now) {
    return now + Math.max(before - now, -SECOND) + nanosEach;
  }
}
