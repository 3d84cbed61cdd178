package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Seed;
import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** PostgreSQL and the model do the same things in the same order, and end in the same state. */
class JobStoreModelTest {
  /** One connection for all of it: the steps are many and small. */
  private static final JdbcClient JDBC = TestDatabase.migrated().oneConnection();

  private static final String KIND = "deliver";
  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final int STEPS = 250;
  private static final int IDS = 60;

  private final JobStore store = new JobStore(JDBC, Duration.ZERO);
  private final ModelJobQueue model = new ModelJobQueue();

  /** What each side holds, by id, the newest last; old ones are kept to finish them too late. */
  private final Map<Long, List<Job>> heldByStore = new HashMap<>();

  private final Map<Long, List<Job>> heldByModel = new HashMap<>();
  private long lastId;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void endInTheSameState(int run) {
    JDBC.sql("delete from jobs").update();
    long seed = Seed.value() + run;
    Random random = new Random(seed);
    for (int step = 0; step < STEPS; step++) {
      String what = "seed %s, step %s".formatted(seed, step);
      step(random, what);
      assertThat(stored()).as(what).isEqualTo(model.state());
    }
  }

  private void step(Random random, String what) {
    switch (random.nextInt(11)) {
      case 0, 1, 2 -> enqueue(random);
      case 3, 4 -> claim(random, what);
      case 5, 6 -> finish(random, what);
      case 7 -> {
        if (random.nextBoolean()) {
          leasesRunOut();
        }
        assertThat(ids(store.rescue(KIND, 1000))).as(what).isEqualTo(ids(model.rescue(KIND, 1000)));
      }
      case 8 -> {
        long id = someId(random);
        assertThat(store.cancel(KIND, id)).as(what).isEqualTo(model.cancel(KIND, id));
      }
      case 9 -> {
        long id = someId(random);
        if (random.nextBoolean()) {
          store.hold(KIND, List.of(id));
          model.hold(KIND, List.of(id));
        } else {
          Instant at = Instant.now().minusSeconds(3600);
          store.wake(KIND, Map.of(id, at));
          model.wake(KIND, Map.of(id, at));
        }
      }
      default -> {
        long id = someId(random);
        Instant at = Instant.now().plusSeconds(random.nextBoolean() ? 3600L : -3600L);
        assertThat(store.reschedule(KIND, id, at))
            .as(what)
            .isEqualTo(model.reschedule(KIND, id, at));
      }
    }
  }

  private void enqueue(Random random) {
    List<NewJob> jobs = new ArrayList<>();
    List<Job> direct = new ArrayList<>();
    for (int n = random.nextInt(4); n >= 0; n--) {
      @Nullable Long token = random.nextInt(3) == 0 ? (Long) random.nextLong(Long.MAX_VALUE) : null;
      @Nullable Instant runAt = random.nextInt(4) == 0 ? Instant.now().plusSeconds(3600) : null;
      long app = random.nextLong(2);
      // A lane is one application's.
      long lane = 1 + app + 2 * random.nextLong(3);
      NewJob job =
          new NewJob(
              KIND,
              ++lastId,
              app,
              lane,
              Priority.stored(random.nextInt(4)),
              // In one lane, as a sender's recipients are.
              random.nextInt(3) == 0 ? 0 : 10 * lane + random.nextInt(2),
              runAt,
              token);
      jobs.add(job);
      if (token != null) {
        Job held =
            new Job(
                KIND,
                lastId,
                job.appId(),
                job.lane(),
                job.priority(),
                job.orderKey(),
                1,
                0,
                0,
                false,
                token,
                Instant.now(),
                0);
        direct.add(held);
      }
    }
    Set<Long> ours = store.enqueue(jobs, LEASE);
    assertThat(ours).isEqualTo(model.enqueue(jobs, LEASE));
    direct.stream()
        .filter(job -> ours.contains(job.token()))
        .forEach(job -> {
          hold(heldByStore, job);
          hold(heldByModel, job);
        });
  }

  private void claim(Random random, String what) {
    int limit = 1 + random.nextInt(12);
    int perLane = 1 + random.nextInt(6);
    long cursor = random.nextLong(6) - 1;
    Map<Long, Narrow> lanes =
        random.nextInt(3) == 0
            ? Map.of(
                random.nextLong(5),
                new Narrow(random.nextInt(3), random.nextBoolean(), random.nextBoolean()))
            : Map.of();
    Narrows narrow =
        new Narrows(
            lanes,
            random.nextInt(5) == 0 ? Set.of(random.nextLong(2)) : Set.of(),
            Set.of(random.nextLong(6)));
    int turn = random.nextInt(16);
    JobQueue.Claimed one = store.claim(KIND, limit, perLane, LEASE, cursor, narrow, Map.of(), turn);
    JobQueue.Claimed two = model.claim(KIND, limit, perLane, LEASE, cursor, narrow, Map.of(), turn);
    assertThat(one.jobs().stream().map(JobStoreModelTest::bare).toList())
        .as(what)
        .isEqualTo(two.jobs().stream().map(JobStoreModelTest::bare).toList());
    assertThat(one.next()).as(what).isEqualTo(two.next());
    assertThat(one.full()).as(what).isEqualTo(two.full());
    one.jobs().forEach(job -> hold(heldByStore, job));
    two.jobs().forEach(job -> hold(heldByModel, job));
  }

  private static void hold(Map<Long, List<Job>> held, Job job) {
    held.computeIfAbsent(job.id(), _ -> new ArrayList<>()).add(job);
  }

  private void finish(Random random, String what) {
    List<Finish> ofStore = new ArrayList<>();
    List<Finish> ofModel = new ArrayList<>();
    LongStream.range(0, 1 + random.nextInt(4))
        .map(_ -> someId(random))
        .distinct()
        .sorted()
        .filter(heldByStore::containsKey)
        .forEach(id -> {
          // Mostly the newest claim; sometimes one that has lost its lease long ago.
          List<Job> claims = heldByStore.getOrDefault(id, List.of());
          int which = random.nextInt(4) == 0 ? random.nextInt(claims.size()) : claims.size() - 1;
          int how = random.nextInt(8);
          ofStore.add(finish(how, claims.get(which)));
          ofModel.add(finish(how, heldByModel.getOrDefault(id, List.of()).get(which)));
        });
    var heldOne = store.finish(ofStore);
    var heldTwo = model.finish(ofModel);
    assertThat(ofStore.stream().map(it -> heldOne.contains(it.job().token())).toList())
        .as(what)
        .isEqualTo(ofModel.stream().map(it -> heldTwo.contains(it.job().token())).toList());
  }

  private static Finish finish(int how, Job job) {
    return switch (how) {
      case 0, 1 -> new Finish.Done(job);
      case 2 -> new Finish.Again(job, Duration.ZERO, true, false);
      case 3 -> new Finish.Again(job, Duration.ofHours(1), false, true);
      case 4 -> new Finish.Back(job, Duration.ZERO, true);
      case 5 -> new Finish.Back(job, Duration.ofHours(1), false);
      case 6 -> new Finish.Hold(job);
      default -> new Finish.Back(job, Duration.ofHours(1), true);
    };
  }

  private void leasesRunOut() {
    JDBC.sql("update jobs set lease_until = now() - interval '1 second' where token is not null")
        .update();
    model.leasesRunOut();
  }

  private long someId(Random random) {
    return Math.max(1, lastId - random.nextLong(IDS));
  }

  private static List<Long> ids(List<JobQueue.Expired> expired) {
    return expired.stream().map(it -> it.job().id()).toList();
  }

  /** A job without what the two sides choose for themselves. */
  private static String bare(Job job) {
    return "%s %s %s a%s c%s x%s %s"
        .formatted(
            job.id(),
            job.lane(),
            job.priority(),
            job.attempt(),
            job.counted(),
            job.crashes(),
            job.ambiguous());
  }

  /** The table, in the words of {@link ModelJobQueue#state}. */
  private List<String> stored() {
    return JDBC.sql(
            """
            select id || case when run_at > now() then ' later' else ' due' end
                   || case when token is null then ' waits' else ' claimed' end
                   || ' a' || attempt || ' c' || counted || ' x' || crashes
                   || case when ambiguous then ' ambiguous' else '' end
              from jobs order by id
            """)
        .query((row, _) -> row.getString(1))
        .list();
  }
}
