package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Seed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * One node and its table, made up: jobs of one order are accepted or claimed, handed over in any
 * order, run, go back now and then, are written down in any order, and claimed again.
 */
class OrdersTest {
  private static final int RUNS = 300;
  private static final int JOBS = 20;

  private final Random random = new Random(Seed.value());

  /** Jobs in the table, which a claim may take; in the order of their places. */
  private final List<Long> table = new ArrayList<>();

  /** Back in the table, and not due for a moment: until those that went back with them are back. */
  private final List<Long> resting = new ArrayList<>();

  /** Claims whose snapshot is taken and that are not committed: others see them in the table. */
  private final List<Waiting.Task> claiming = new ArrayList<>();

  /** This node's since a commit, and not handed over yet. */
  private final List<Waiting.Task> handing = new ArrayList<>();

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
          born(++born);
        }
        step();
      }
      assertThat(sent).as("seed %s, run %s", Seed.value(), i).isSorted().doesNotHaveDuplicates();
    }
  }

  /** It starts out as this node's unless somebody before it is nobody's. */
  private void born(long id) {
    boolean free = table.isEmpty() && resting.isEmpty() && claiming.isEmpty();
    if (free && random.nextBoolean()) {
      handing.add(expected(task(id)));
    } else {
      table.add(id);
    }
  }

  private Waiting.Task expected(Waiting.Task task) {
    orders.expect(HandOver.Expected.of(task.job()));
    return task;
  }

  private void step() {
    if (goingBack.isEmpty()) {
      table.addAll(resting);
      table.sort(null);
      resting.clear();
    }
    switch (random.nextInt(6)) {
      case 0 -> {
        // What stands before it in the table is claimed with it or before it.
        boolean behindOneThatRests =
            resting.stream().anyMatch(id -> !table.isEmpty() && id < table.getFirst());
        if (!table.isEmpty() && !behindOneThatRests) {
          claiming.add(expected(task(table.removeFirst())));
        }
      }
      case 1 -> {
        if (!handing.isEmpty()) {
          hand(handing.remove(random.nextInt(handing.size())));
        }
      }
      case 2 -> run();
      case 3 -> endClaim();
      case 4 -> {
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

  /** All that was claimed is ours, or none of it. */
  private void endClaim() {
    if (random.nextInt(4) > 0) {
      handing.addAll(claiming);
    } else {
      for (Waiting.Task task : claiming) {
        running.addAll(orders.unexpect(HandOver.Expected.of(task.job())));
        table.add(task.job().id());
      }
      table.sort(null);
    }
    claiming.clear();
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
    return "table %s, resting %s, claiming %s, handing %s, running %s, being sent %s, going back %s, sent %s"
        .formatted(table, resting, claiming, handing, running, beingSent, goingBack, sent);
  }
}
