package dev.postrider.message;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Where a message stands on our side: the dispatch axis. This table is the whole truth;
 * docs/message-status.md is drawn from it. What the provider tells us afterwards is the other axis
 * ({@link MessageStatus}).
 */
public enum Dispatch {
  /** Waits for its time. */
  SCHEDULED,
  /** Due, or waiting for its next attempt. */
  QUEUED,
  /** Claimed by a node. */
  SENDING,
  /** An attempt may have arrived, and it must not be repeated (on_ambiguous=hold). */
  UNCERTAIN,
  /** The provider took it. */
  HANDED_OFF,
  /** Given up: rejected, out of attempts, by a retry rule, uncertain for too long, no sender. */
  FAILED,
  /** Its deadline passed first. */
  EXPIRED,
  /** Called back in time. */
  CANCELED,
  /** Given up because its node crashed with it too often. */
  DEAD;

  private static final Map<Dispatch, Set<Dispatch>> NEXT =
      Map.of(
          // HANDED_OFF: a receipt shows that an earlier, unclear attempt had arrived
          // EXPIRED: its deadline passed while nobody claimed it
          SCHEDULED, EnumSet.of(SENDING, HANDED_OFF, EXPIRED, CANCELED),
          QUEUED, EnumSet.of(SCHEDULED, SENDING, HANDED_OFF, EXPIRED, CANCELED),
          // QUEUED again: deferred, released, or its node died
          SENDING, EnumSet.of(QUEUED, UNCERTAIN, HANDED_OFF, FAILED, EXPIRED, DEAD),
          // a receipt, a look-up, a late answer or time decides; SENDING never again
          UNCERTAIN, EnumSet.of(HANDED_OFF, FAILED));

  public boolean canBecome(Dispatch next) {
    return NEXT.getOrDefault(this, Set.of()).contains(next);
  }

  /** Whether this is an end: no dispatch follows it. */
  public boolean isTerminal() {
    return !NEXT.containsKey(this);
  }

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Dispatch parse(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
