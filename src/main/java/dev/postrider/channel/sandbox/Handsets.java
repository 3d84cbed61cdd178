package dev.postrider.channel.sandbox;

import dev.postrider.platform.Wired;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What arrived on the sandbox's imaginary handsets: the newest ten thousand, in memory. */
@Wired
public class Handsets {
  private static final int KEPT = 10_000;

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
      Instant at) {}

  private final Deque<Arrival> arrivals = new ArrayDeque<>();
  private final ReentrantLock lock = new ReentrantLock();

  void add(Arrival arrival) {
    lock.lock();
    try {
      if (arrivals.size() == KEPT) {
        arrivals.removeLast();
      }
      arrivals.addFirst(arrival);
    } finally {
      lock.unlock();
    }
  }

  /** An application's arrivals, newest first. */
  public List<Arrival> of(long appId, @Nullable String recipient, int limit) {
    lock.lock();
    try {
      List<Arrival> found = new ArrayList<>();
      for (Arrival arrival : arrivals) {
        if (found.size() == limit) {
          break;
        }
        if (arrival.appId() == appId
            && (recipient == null || arrival.recipient().equals(recipient))) {
          found.add(arrival);
        }
      }
      return found;
    } finally {
      lock.unlock();
    }
  }
}
