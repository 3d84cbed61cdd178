package dev.postrider.circuit;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The circuit of one sender on this node. The states, the window and the single probe are
 * Resilience4j's; how long it stays open is ours, because the provider may have a say in it.
 */
final class Circuit {
  /** No call takes longer. */
  private static final Duration PROBE = Duration.ofMinutes(5);

  private final CircuitBreaker breaker;
  private final CircuitSettings settings;
  private final RandomGenerator random;
  private final InstantSource clock;

  /** How often in a row it has opened. */
  private int openings;

  private Instant since;
  private Instant until;
  private String code = "";
  private String lastFailure = "";

  /** Resilience4j asks for an exception where a call only failed. */
  @SuppressWarnings("serial") // never leaves this class
  private static final class Failed extends Exception {
    Failed() {
      super("failed", null, false, false);
    }
  }

  /**
   * What is known of a circuit that is not closed.
   *
   * @param state "open": nothing is sent; "half_open": one call finds out whether it goes again
   * @param until when the next call is made
   * @param code of the answer that opened it
   * @param openings how often in a row
   */
  record Standing(String state, Instant since, Instant until, String code, int openings) {
    /** The same by a clock that is ahead by so much. */
    Standing movedBy(Duration ahead) {
      return new Standing(state, since.plus(ahead), until.plus(ahead), code, openings);
    }
  }

  Circuit(CircuitSettings settings, RandomGenerator random, InstantSource clock) {
    this.settings = settings;
    this.random = random;
    this.clock = clock;
    this.since = clock.instant();
    this.until = since;
    this.breaker =
        CircuitBreaker.of(
            "sender",
            CircuitBreakerConfig.custom()
                .slidingWindowType(SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(settings.window())
                .minimumNumberOfCalls(settings.minimum())
                .failureRateThreshold(settings.failureRate())
                .permittedNumberOfCallsInHalfOpenState(1)
                // Should a probe's end never be told, it is not waited for without end.
                .maxWaitDurationInHalfOpenState(PROBE)
                .clock(clock.withZone(ZoneOffset.UTC))
                .build());
  }

  /** Whether a call may be made; one that may must be reported. */
  boolean permits() {
    return breaker.tryAcquirePermission();
  }

  /** What it permitted was not done. */
  void notCalled() {
    breaker.releasePermission();
  }

  /**
   * What the end of a call changed.
   *
   * @param closed whether it is closed now and was not
   * @param opened how long nothing is sent, if that opened it; null otherwise
   */
  record Change(boolean closed, @Nullable Duration opened) {}

  /**
   * A call was answered clearly. Even that may open it: by completing a window full of failures.
   */
  synchronized Change succeeded() {
    State before = breaker.getState();
    breaker.onSuccess(0, TimeUnit.NANOSECONDS);
    if (breaker.getState() == State.CLOSED) {
      openings = 0;
    }
    return changed(before);
  }

  /** A call ended without a clear answer. */
  synchronized Change failed(String code) {
    lastFailure = code;
    State before = breaker.getState();
    breaker.onError(0, TimeUnit.NANOSECONDS, new Failed());
    return changed(before);
  }

  private Change changed(State before) {
    State now = breaker.getState();
    return new Change(
        before != State.CLOSED && now == State.CLOSED,
        before != State.OPEN && now == State.OPEN ? open(Duration.ZERO, lastFailure) : null);
  }

  /**
   * The provider takes nothing from this sender now: that opens it at once. Calls that were under
   * way together open it once.
   *
   * @param atLeast as long as the provider asked for
   * @return how long nothing is sent from now
   */
  synchronized Duration putOff(Duration atLeast, String code) {
    Duration left = Duration.between(clock.instant(), until);
    if (breaker.getState() == State.OPEN && left.compareTo(atLeast) >= 0 && left.isPositive()) {
      return left;
    }
    return open(atLeast, code);
  }

  private Duration open(Duration atLeast, String code) {
    boolean again = breaker.getState() == State.OPEN && !until.isBefore(clock.instant());
    if (!again) {
      openings++;
      since = openings == 1 ? clock.instant() : since;
    }
    Duration own = settings.waits().after(openings, random);
    Duration wait = own.compareTo(atLeast) > 0 ? own : atLeast;
    this.code = code;
    until = clock.instant().plus(wait);
    breaker.transitionToOpenStateFor(wait);
    return wait;
  }

  /** Whether it is closed, and none of its latest calls failed: it might as well not be there. */
  synchronized boolean isQuiet() {
    return breaker.getState() == State.CLOSED && breaker.getMetrics().getNumberOfFailedCalls() == 0;
  }

  /** Null while it is closed. */
  synchronized @Nullable Standing standing() {
    return switch (breaker.getState()) {
      case OPEN -> new Standing("open", since, until, code, openings);
      case HALF_OPEN -> new Standing("half_open", since, until, code, openings);
      default -> null;
    };
  }
}
