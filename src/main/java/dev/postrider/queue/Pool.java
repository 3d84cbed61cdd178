package dev.postrider.queue;

import dev.postrider.platform.Loop;
import dev.postrider.platform.database.Transactions;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * Places of their own for one kind of job, with its claims and its rescues: what is slow here holds
 * up nothing else. Messages and what belongs to them share the dispatcher that is everybody's.
 */
public class Pool implements Loop {
  private final Dispatcher dispatcher;
  private final JobHandler<?> handler;
  private final WorkLoop work;
  private final RescueLoop rescue;
  private final QueueSettings settings;
  private long sweepAt = System.nanoTime();

  protected Pool(
      JobQueue queue,
      Transactions transactions,
      QueueSettings settings,
      QueueMetrics metrics,
      Function<Dispatcher, JobHandler<?>> handler) {
    this.settings = settings;
    this.dispatcher = new Dispatcher(settings);
    this.handler = handler.apply(dispatcher);
    metrics.watch(this.handler.kind());
    List<JobHandler<?>> handlers = List.of(this.handler);
    this.work = new WorkLoop(queue, dispatcher, transactions, settings, metrics, handlers);
    this.rescue = new RescueLoop(queue, transactions, settings, handlers);
  }

  @Override
  public Duration every() {
    return settings.poll();
  }

  @Override
  public int runOnce() {
    if (sweepAt - System.nanoTime() <= 0) {
      sweepAt = System.nanoTime() + settings.sweep().toNanos();
      rescue.runOnce();
    }
    return work.runOnce();
  }

  protected Dispatcher dispatcher() {
    return dispatcher;
  }

  JobHandler<?> handler() {
    return handler;
  }
}
