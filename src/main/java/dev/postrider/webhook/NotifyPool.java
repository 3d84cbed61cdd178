package dev.postrider.webhook;

import dev.postrider.event.EventStore;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.Chores;
import dev.postrider.queue.JobQueue;
import dev.postrider.queue.Pool;
import dev.postrider.queue.QueueMetrics;
import dev.postrider.queue.QueueSettings;
import java.util.random.RandomGenerator;

/** Runs notices in places of their own: a slow endpoint never holds up a message. */
@Wired
public class NotifyPool extends Pool {
  NotifyPool(
      JobQueue queue,
      Transactions transactions,
      QueueSettings settings,
      QueueMetrics metrics,
      EndpointStore endpoints,
      NoticeStore notices,
      EventStore events,
      DescribeEvents describe,
      WebhookClient client,
      SettleNotices settle,
      RandomGenerator random,
      WebhookSettings webhooks) {
    super(
        queue,
        transactions,
        settings.withPlaces(webhooks.running(), webhooks.runningPerEndpoint()),
        metrics,
        dispatcher ->
            new NotifyEndpoints(
                new NotifyEndpoints.Parts(
                    endpoints,
                    notices,
                    events,
                    describe,
                    client,
                    settle,
                    queue,
                    random,
                    webhooks,
                    settings.lease()),
                dispatcher,
                new Chores(queue, dispatcher, transactions)));
  }
}
