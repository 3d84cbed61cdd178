package dev.postrider.live;

import dev.postrider.platform.Text;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader. It is given what it has not seen by one thread at a time, and nothing is kept for it:
 * whoever reads slowly stands further back in the log, and costs no memory.
 */
final class Connection {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  /** RFC 6455. */
  static final int TRY_AGAIN_LATER = 1013;

  private final Subscription subscription;
  private final Wire wire;
  private final Feed feed;

  /** Wake-ups that were not looked after yet; more than none: a thread is at it. */
  private final AtomicInteger wakes = new AtomicInteger();

  private volatile long position;
  private volatile boolean behind;

  /** First of all it is told where it stands: it may be cut off before there is an event for it. */
  private volatile boolean pingDue = true;

  private final AtomicInteger unanswered = new AtomicInteger();

  Connection(Subscription subscription, Wire wire, Feed feed) {
    this.subscription = subscription;
    this.wire = wire;
    this.feed = feed;
    this.position = subscription.after();
    this.behind = true;
  }

  Subscription subscription() {
    return subscription;
  }

  /** The last event that was looked at for it. */
  long position() {
    return position;
  }

  /** Whether there may be more that it has not got. */
  boolean isBehind() {
    return behind;
  }

  void wake() {
    if (wakes.getAndIncrement() == 0) {
      Thread.ofVirtual().name("live").start(this::send);
    }
  }

  private void send() {
    int seen;
    do {
      seen = wakes.get();
      try {
        sendAll();
      } catch (RuntimeException _) {
        // It takes nothing, or is gone; what it has not got is in the log.
        drop(TRY_AGAIN_LATER, "it took nothing in time, or is gone");
        return;
      }
    } while (wakes.addAndGet(-seen) > 0);
  }

  private void sendAll() {
    behind = true;
    while (true) {
      pingIfDue();
      List<Tail.Frame> frames = read();
      if (frames.isEmpty()) {
        return;
      }
      for (Tail.Frame frame : frames) {
        pingIfDue();
        if (subscription.wants(frame.event())) {
          wire.send().accept(frame);
        }
        position = frame.event().seq();
      }
    }
  }

  private void pingIfDue() {
    if (pingDue) {
      pingDue = false;
      if (wire.ping().test(position)) {
        heard();
      }
    }
  }

  private List<Tail.Frame> read() {
    try {
      List<Tail.Frame> frames = feed.after(subscription, position);
      behind = !frames.isEmpty();
      return frames;
    } catch (RuntimeException e) {
      // The log cannot be read now, which is not the reader's fault: behind, it is woken again.
      log.atDebug().addKeyValue("cause", Text.cleaned(String.valueOf(e), 200)).log("live.not_read");
      return List.of();
    }
  }

  /** The other side has shown that it is there. */
  void heard() {
    unanswered.set(0);
  }

  /** How many pings nothing was heard after. */
  int unansweredPings() {
    return unanswered.get();
  }

  /** A ping goes with the next that is sent: by the one thread that sends. */
  void ping() {
    unanswered.incrementAndGet();
    pingDue = true;
    wake();
  }

  /** Ends it for a fault of its own, which whoever misses it can find. */
  void drop(int code, String reason) {
    log.atInfo()
        .addKeyValue("app_id", subscription.app().value())
        .addKeyValue("code", code)
        .addKeyValue("reason", reason)
        .log("live.dropped");
    close(code, reason);
  }

  /**
   * Says where it stood, for when it comes back. Does not wait until it is closed: the other side
   * may not take that either.
   */
  Thread close(int code, String reason) {
    feed.remove(this);
    String told = reason + "; after=" + position;
    return Thread.ofVirtual().name("hang-up").start(() -> wire.close().accept(code, told));
  }
}
