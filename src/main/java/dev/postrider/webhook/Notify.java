package dev.postrider.webhook;

import dev.postrider.platform.Wired;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.NewJob;
import dev.postrider.queue.Priority;
import dev.postrider.webhook.NoticeStore.Range;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts notices into the queue. */
@Wired
class Notify {
  static final String KIND = "notify";

  /** An endpoint that has so many takes them first. */
  static final int MOST_NOTICES = 20_000;

  private static final int MOST_EVENTS = 50;

  private final NoticeStore store;
  private final JobQueue queue;

  Notify(NoticeStore store, JobQueue queue) {
    this.store = store;
    this.queue = queue;
  }

  /** Inside a transaction: the endpoint is to be told of events from one number to another. */
  void cut(Endpoint endpoint, long first, long last) {
    long events = last - first + 1;
    // Few: side by side. Many: some to a notice, or each would cost the queue a job.
    long each = Math.clamp(events / 8, 1, MOST_EVENTS);
    List<Range> ranges = new ArrayList<>();
    for (long at = first; at <= last; at += each) {
      ranges.add(new Range(at, Math.min(last, at + each - 1)));
    }
    enqueue(endpoint, ranges, null);
  }

  void enqueue(Endpoint endpoint, List<Range> ranges, @Nullable Instant due) {
    List<NewJob> jobs =
        store.insert(endpoint.id(), ranges).stream()
            .map(id ->
                new NewJob(
                    KIND,
                    id,
                    endpoint.app().value(),
                    endpoint.lane(),
                    Priority.NORMAL,
                    0,
                    due,
                    null))
            .toList();
    queue.enqueue(jobs, Duration.ZERO);
  }

  /** Inside a transaction: nothing that waits is told any more. */
  void forget(Endpoint endpoint) {
    // Jobs before notices, as whoever settles one.
    queue.remove(KIND, store.idsOf(endpoint.id()));
    store.deleteAll(endpoint.id());
  }
}
