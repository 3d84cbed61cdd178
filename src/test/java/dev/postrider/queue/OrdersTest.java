package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Seed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * One node and its table, made up: jobs of one order are claimed, run, go back now and then, are
 * written down in any order, and claimed again.
 */
class OrdersTest {
  private static final int RUNS = 300;
  private static final int JOBS = 20;

  private final Random random = new Random(Seed.value());

  /** Jobs in the table, which a claim may take; in the order of their places. */
  private final List<Long> table = new ArrayList<>();

  /** Back in the table, and not due for a moment: until those that went back with them are back. */
  private final List<Long> resting = new ArrayList<>();

  /** Claims whose snapshot is taken and whose jobs are not handed over yet. */
  private final List<Waiting.Task> claiming = new ArrayList<>();

  private final List<Waiting.Task> running = new ArrayList<>();
  private final List<Job> beingSent = new ArrayList<>();
  private final List<Job> goingBack = new ArrayList<>();
  private final List<Long> sent = new ArrayList<>();
  private Orders orders = new Orders();
  private long tokens;

  private Waiting.Task task(long id) {
    return new Waiting.Task(
        new Job(
            "deliver",
            id,
            1,
            1,
            Priority.NORMAL,
            77,
            1,
            0,
            0,
            false,
            ++tokens,
            Instant.EPOCH,
            System.nanoTime()),
        () -> {});
  }

  @Test
  void nobodyOvertakesAndNobodyIsForgotten() {
    for (int i = 0; i < RUNS; i++) {
      orders = new Orders();
      sent.clear();
      beingSent.clear();
      long born = 0;
      for (int steps = 0; sent.size() < JOBS; steps++) {
        assertThat(steps)
            .as("seed %s, run %s: somebody is stuck: %s", Seed.value(), i, this)
            .isLessThan(50_000);
        if (born < JOBS && random.nextInt(4) == 0) {
          table.add(++born);
        }
        step();
      }
      assertThat(sent).as("seed %s, run %s", Seed.value(), i).isSorted().doesNotHaveDuplicates();
    }
  }

  private void step() {
    if (goingBack.isEmpty()) {
      table.addAll(resting);
      table.sort(null);
      resting.clear();
    }
    switch (random.nextInt(5)) {
      case 0 -> {
        // What stands before it in the table is claimed with it or before it.
        boolean behindOneThatRests =
            resting.stream().anyMatch(id -> !table.isEmpty() && id < table.getFirst());
        if (!table.isEmpty() && !behindOneThatRests) {
          claiming.add(task(table.removeFirst()));
        }
      }
      case 1 -> {
        if (!claiming.isEmpty()) {
          hand(claiming.removeFirst());
        }
      }
      case 2 -> run();
      case 3 -> {
        if (!goingBack.isEmpty()) {
          Job back = goingBack.remove(random.nextInt(goingBack.size()));
          resting.add(back.id());
          running.addAll(orders.done(back));
        }
      }
      default -> {
        if (!beingSent.isEmpty()) {
          running.addAll(orders.done(beingSent.removeFirst()));
        }
      }
    }
  }

  private void hand(Waiting.Task task) {
    if (orders.mayGo(task)) {
      running.add(task);
    }
  }

  private void run() {
    if (running.isEmpty()) {
      return;
    }
    Job job = running.remove(random.nextInt(running.size())).job();
    if (orders.mustGoBack(job) || random.nextInt(5) == 0) {
      running.addAll(orders.givenBack(job));
      goingBack.add(job);
    } else {
      sent.add(job.id());
      beingSent.add(job);
    }
  }

  @Override
  public String toString() {
    return "table %s, resting %s, claiming %s, running %s, being sent %s, going back %s, sent %s"
        .formatted(table, resting, claiming, running, beingSent, goingBack, sent);
  }
}
