package dev.postrider.webhook;

import dev.postrider.app.AppId;
import dev.postrider.platform.Wired;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.NewJob;
import dev.postrider.queue.Priority;
import dev.postrider.webhook.NoticeStore.Range;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Puts notices into the queue. */
@Wired
class Notify {
  static final String KIND = "notify";

  /** An endpoint that has so many takes them first. */
  static final int MOST_NOTICES = 20_000;

  /** With so many, what it refuses again and again is given up early. */
  static final int MANY_NOTICES = MOST_NOTICES * 3 / 4;

  /** With so many, what it refuses for itself is given up at once. */
  static final int TOO_MANY_NOTICES = MOST_NOTICES * 7 / 8;

  /** What was not tried yet. */
  static final Priority UNTRIED = Priority.NORMAL;

  /** What was refused: it does not go before what may be taken. */
  static final Priority REFUSED = Priority.LOW;

  /** They are delivered one after the other, and may all come twice when a node dies. */
  private static final int MOST_EVENTS = 125;

  private final NoticeStore store;
  private final JobQueue queue;

  Notify(NoticeStore store, JobQueue queue) {
    this.store = store;
    this.queue = queue;
  }

  /** Inside a transaction: the endpoint is to be told of events from one number to another. */
  void cut(long endpoint, AppId app, Range all) {
    long events = all.last() - all.first() + 1;
    // Few: side by side. Many: some to a notice, or each would cost the queue a job.
    long each = Math.clamp(events / 8, 1, MOST_EVENTS);
    List<Range> ranges = new ArrayList<>();
    for (long at = all.first(); at <= all.last(); at += each) {
      ranges.add(new Range(at, Math.min(all.last(), at + each - 1)));
    }
    enqueue(endpoint, app, ranges);
  }

  void enqueue(long endpoint, AppId app, List<Range> ranges) {
    List<NewJob> jobs =
        store.insert(endpoint, ranges).stream()
            .map(id ->
                new NewJob(KIND, id, app.value(), Endpoint.lane(endpoint), UNTRIED, 0, null, null))
            .toList();
    queue.enqueue(jobs, Duration.ZERO);
  }

  /** Inside a transaction: what waits is told as if it had not been tried before. */
  void restart(Endpoint endpoint) {
    queue.restart(KIND, endpoint.lane());
  }

  /** Inside a transaction: nothing that waits is told any more. */
  void forget(Endpoint endpoint) {
    // Jobs before notices, as whoever settles one.
    queue.remove(KIND, store.idsOf(endpoint.id()));
    store.deleteAll(endpoint.id());
  }
}
