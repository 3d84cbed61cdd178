package dev.postrider.queue;

import dev.postrider.platform.Text;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs that finish themselves, in a transaction together with their work. One that fails is
 * tried again a little later, for as long as it takes: its work is ours, not a provider's.
 */
@Wired
public class Chores {
  private static final Logger log = LoggerFactory.getLogger(Chores.class);
  private static final Duration AGAIN = Duration.ofSeconds(5);

  private final JobQueue queue;
  private final Dispatcher dispatcher;
  private final Transactions transactions;

  public Chores(JobQueue queue, Dispatcher dispatcher, Transactions transactions) {
    this.queue = queue;
    this.dispatcher = dispatcher;
    this.transactions = transactions;
  }

  public void run(Job job, Runnable work) {
    if (dispatcher.isTooLate(job) || dispatcher.mustGoBack(job)) {
      dispatcher.givenBack(job);
      putBack(new Finish.Back(job, Duration.ZERO, true));
      dispatcher.done(job);
      return;
    }
    try {
      work.run();
    } catch (RuntimeException e) {
      log.atWarn()
          .addKeyValue("kind", job.kind())
          .addKeyValue("job", job.id())
          .addKeyValue("cause", Text.cleaned(String.valueOf(e), 200))
          .log("chore.failed");
      putBack(new Finish.Back(job, AGAIN, false));
    }
    // Not in a finally: of a run that throws, the dispatcher says so itself.
    dispatcher.done(job);
  }

  private void putBack(Finish.Back back) {
    try {
      transactions.run(() -> queue.finish(List.of(back)));
    } catch (RuntimeException e) {
      // Its lease runs out, and the rescue makes it due again.
      log.atWarn().addKeyValue("job", back.job().id()).setCause(e).log("chore.not_put_back");
    }
  }
}
