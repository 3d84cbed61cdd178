package dev.postrider.queue;

import java.time.Duration;
import java.time.Instant;

/**
 * A unit of queued work, as one claim holds it.
 *
 * @param id the subject's id; a subject has at most one job of a kind
 * @param lane what shares limits and fate with it
 * @param orderKey jobs with the same one keep the order in which they came; 0 for none
 * @param attempt this claim's number, from 1
 * @param counted earlier attempts that count against the limit of attempts
 * @param crashes earlier claims whose node never came back; after the first, those begun
 * @param ambiguous whether an earlier attempt may have arrived
 * @param token the fence: a finish counts only while the row still holds it
 * @param claimedAt the database's clock at the claim
 * @param claimedNanos this node's monotonic clock at the claim
 */
public record Job(
    String kind,
    long id,
    long appId,
    long lane,
    Priority priority,
    long orderKey,
    int attempt,
    int counted,
    int crashes,
    boolean ambiguous,
    long token,
    Instant claimedAt,
    long claimedNanos) {

  private static final int SUSPECT_CRASHES = 2;

  /** The same claim, to come back as urgent as this. */
  public Job withPriority(Priority other) {
    return new Job(
        kind,
        id,
        appId,
        lane,
        other,
        orderKey,
        attempt,
        counted,
        crashes,
        ambiguous,
        token,
        claimedAt,
        claimedNanos);
  }

  /** Whether its node crashed with it twice: then no other suspect runs beside it. */
  public boolean isSuspect() {
    return crashes >= SUSPECT_CRASHES;
  }

  /**
   * Whether a node was lost with it before: then it marks its start, to be told from bystanders.
   */
  public boolean crashedBefore() {
    return crashes > 0;
  }

  /** Time since the claim, by a clock nobody sets. */
  public Duration age(long nanosNow) {
    return Duration.ofNanos(nanosNow - claimedNanos);
  }

  /** The database's clock, as far as this node can tell without asking. */
  public Instant databaseNow(long nanosNow) {
    return claimedAt.plusNanos(nanosNow - claimedNanos);
  }
}
