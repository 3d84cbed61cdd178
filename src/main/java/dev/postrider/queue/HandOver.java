package dev.postrider.queue;

import java.util.List;
import java.util.function.Supplier;

/**
 * From the transaction that makes jobs this node's to their start in the dispatcher: in between,
 * nothing that comes after them in their order may start.
 */
public final class HandOver {
  private final Dispatcher dispatcher;
  private List<Expected> announced = List.of();

  HandOver(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  /** What an order knows a job by. */
  public record Expected(String kind, long orderKey, Priority priority, long token) {
    static Expected of(Job job) {
      return new Expected(job.kind(), job.orderKey(), job.priority(), job.token());
    }
  }

  /**
   * Says before the commit whom to expect. In a transaction that is tried again, the last counts.
   */
  public void announce(List<Expected> jobs) {
    withdraw();
    dispatcher.expect(jobs);
    announced = jobs;
  }

  /** Runs what announces and commits; without a commit nobody comes. */
  public <T> T during(Supplier<T> commit) {
    boolean committed = false;
    try {
      T done = commit.get();
      committed = true;
      return done;
    } finally {
      if (!committed) {
        withdraw();
      }
    }
  }

  private void withdraw() {
    dispatcher.unexpect(announced);
    announced = List.of();
  }
}
