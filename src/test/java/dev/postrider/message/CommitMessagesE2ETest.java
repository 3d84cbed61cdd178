package dev.postrider.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.channel.Content;
import dev.postrider.message.AcceptMessages.AcceptUnit;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.database.Transactions;
import dev.postrider.platform.idempotency.IdempotencyStore;
import dev.postrider.platform.idempotency.StoredAnswer;
import dev.postrider.queue.Dispatcher;
import dev.postrider.queue.Job;
import dev.postrider.queue.JobHandler;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.QueueSettings;
import dev.postrider.testing.RunningService;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class CommitMessagesE2ETest {
  private static final RunningService SERVICE = RunningService.shared();

  /**
   * Whether a sender is paused cannot be told: what is remembered of it is over, and nobody asks.
   */
  private static final class ForgetsAfterOne implements JobHandler<Outgoing> {
    private int asked;

    @Override
    public boolean isHeld(long lane) {
      if (asked++ > 0) {
        throw new Overloaded("pauses");
      }
      return false;
    }

    @Override
    public String kind() {
      return "deliver";
    }

    @Override
    public List<Work<Outgoing>> claimed(List<Job> jobs) {
      return List.of();
    }

    @Override
    public void run(Work<Outgoing> work) {}

    @Override
    public void released(List<Job> jobs) {}

    @Override
    public void rescued(List<JobQueue.Expired> jobs) {}
  }

  /** Or they would be nobody's for ever, and their sender would have none left. */
  @Test
  void placesOfABatchThatBreaksAreFreeAgain() {
    QueueSettings settings = SERVICE.bean(QueueSettings.class);
    Dispatcher dispatcher = new Dispatcher(settings);
    CommitMessages commit =
        new CommitMessages(
            SERVICE.bean(Transactions.class),
            SERVICE.bean(IdempotencyStore.class),
            SERVICE.bean(AcceptStore.class),
            SERVICE.bean(CampaignStore.class),
            SERVICE.bean(JobQueue.class),
            dispatcher,
            new ForgetsAfterOne(),
            settings,
            SERVICE.bean(RandomGenerator.class),
            List.of());
    Instant expires = Instant.now().plusSeconds(60);
    List<Message> two =
        List.of(
            TestMessages.message(1, Content.text("x"), expires, null),
            TestMessages.message(2, Content.text("x"), expires, null));
    AcceptUnit unit = new AcceptUnit(null, new StoredAnswer(201, null, new byte[0]), two);
    assertThatThrownBy(() -> commit.commit(List.of(unit))).isInstanceOf(Overloaded.class);
    assertThat(dispatcher.claimed()).isZero();
  }
}
