package dev.postrider.channel.sandbox;

import dev.postrider.platform.Wired;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What arrived on the sandbox's imaginary handsets: the newest ten thousand, in memory; fewer where
 * their texts are long.
 */
@Wired
public class Handsets {
  private static final int KEPT = 10_000;

  /** Of all texts: 8 MiB at most. */
  private static final int CHARACTERS = 4 * 1024 * 1024;

  /** Where a page ends early. */
  private static final int PAGE_CHARACTERS = 512 * 1024;

  /** One arrival. */
  public record Arrival(
      long appId,
      long messageId,
      String providerMessageId,
      String recipient,
      String type,
      @Nullable String subject,
      @Nullable String text,
      int attempt,
      Instant at) {
    int characters() {
      return (subject == null ? 0 : subject.length()) + (text == null ? 0 : text.length());
    }
  }

  private final Deque<Arrival> arrivals = new ArrayDeque<>();
  private int characters;
  private final ReentrantLock lock = new ReentrantLock();

  void add(Arrival arrival) {
    lock.lock();
    try {
      arrivals.addFirst(arrival);
      characters += arrival.characters();
      while (arrivals.size() > KEPT || (characters > CHARACTERS && arrivals.size() > 1)) {
        characters -= arrivals.removeLast().characters();
      }
    } finally {
      lock.unlock();
    }
  }

  /** An application's arrivals, newest first; fewer than asked for where their texts are long. */
  List<Arrival> of(long appId, @Nullable String recipient, int limit) {
    lock.lock();
    try {
      List<Arrival> found = new ArrayList<>();
      int size = 0;
      for (Arrival arrival : arrivals) {
        if (found.size() == limit || size > PAGE_CHARACTERS) {
          break;
        }
        if (arrival.appId() == appId
            && (recipient == null || arrival.recipient().equals(recipient))) {
          found.add(arrival);
          size += arrival.characters();
        }
      }
      return found;
    } finally {
      lock.unlock();
    }
  }
}
