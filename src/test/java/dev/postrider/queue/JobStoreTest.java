package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.Node;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobStoreTest implements JobQueueContract {
  private static final TestDatabase DATABASE = TestDatabase.migrated();
  private final JobStore store = new JobStore(DATABASE.jdbc(), Duration.ZERO);

  @BeforeEach
  void empty() {
    DATABASE.jdbc().sql("delete from jobs").update();
    DATABASE.jdbc().sql("delete from lane_paces").update();
  }

  @Override
  public JobQueue queue() {
    return store;
  }

  @Override
  public void leasesRunOut() {
    DATABASE
        .jdbc()
        .sql("update jobs set lease_until = now() - interval '1 second' where token is not null")
        .update();
  }

  @Test
  void twoWorkersNeverTakeTheSameJob() throws Exception {
    List<NewJob> jobs = new ArrayList<>();
    for (long id = 1; id <= 400; id++) {
      jobs.add(new NewJob("deliver", id, 1, id % 7, Priority.NORMAL, 0, null, null));
    }
    store.enqueue(jobs, LEASE);
    Set<Long> taken = ConcurrentHashMap.newKeySet();
    List<Future<Integer>> workers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        workers.add(threads.submit(() -> claimUntilEmpty(taken)));
      }
    }
    int claimed = 0;
    for (Future<Integer> worker : workers) {
      claimed += worker.get();
    }
    assertThat(claimed).isEqualTo(400);
    assertThat(taken).hasSize(400);
  }

  /** Another node has the first, or is about to: the second must wait for it. */
  @Test
  void anOrderIsKeptAcrossNodes() {
    JobStore other = new JobStore(DATABASE.jdbc(), Duration.ZERO);
    other.enqueue(List.of(ordered(1, 4711L)), LEASE);
    assertThat(store.enqueue(List.of(ordered(2, 4712L)), LEASE)).isEmpty();
    assertThat(claimAll(store)).as("the other node has the first").isEmpty();
    assertThat(claimAll(other)).extracting(Job::id).containsExactly(2L);
    store.enqueue(List.of(ordered(3, null)), LEASE);
    DATABASE.jdbc().sql("delete from jobs where id in (1, 2)").update();
    assertThat(claimAll(store)).extracting(Job::id).containsExactly(3L);
  }

  @Test
  void whatAnotherNodeIsJustClaimingIsNotOvertaken() throws Exception {
    store.enqueue(List.of(ordered(1, null)), LEASE);
    store.enqueue(List.of(ordered(2, null)), LEASE);
    try (Connection claiming = DATABASE.dataSource().getConnection();
        Statement statement = claiming.createStatement()) {
      claiming.setAutoCommit(false);
      statement.execute("select 1 from jobs where id = 1 for update");
      assertThat(claimAll(store)).isEmpty();
      claiming.rollback();
    }
    assertThat(claimAll(store)).extracting(Job::id).containsExactly(1L, 2L);
  }

  /**
   * Two nodes take places of one lane: each start has its own, an interval after the one before.
   */
  @Test
  void aPaceIsAllNodesTogether() {
    JobStore other = new JobStore(DATABASE.jdbc(), Duration.ZERO);
    Pace pace = new Pace(Duration.ofMillis(500), Duration.ZERO);
    store.enqueue(
        LongStream.rangeClosed(1, 20)
            .mapToObj(id -> new NewJob("deliver", id, 1, 42, Priority.NORMAL, 0, null, null))
            .toList(),
        LEASE);
    List<Job> jobs = new ArrayList<>();
    List<Instant> starts = new ArrayList<>();
    for (JobQueue.Claimed claim :
        List.of(paced(store, pace, 2), paced(other, pace, 32), paced(store, pace, 32))) {
      for (Job job : claim.jobs()) {
        Duration wait = claim.waits().getOrDefault(job.id(), Duration.ZERO);
        assertThat(wait)
            .as("what starts within two seconds")
            .isBetween(Duration.ZERO, PaceStore.SOON);
        jobs.add(job);
        starts.add(job.claimedAt().plus(wait));
      }
    }
    assertThat(jobs).as("the second claim's, too").hasSizeGreaterThanOrEqualTo(5);
    for (int i = 1; i < starts.size(); i++) {
      assertThat(Duration.between(starts.get(i - 1), starts.get(i)))
          .isGreaterThanOrEqualTo(Duration.ofMillis(500));
    }
    assertThat(starts.getLast())
        .as("all that starts within two seconds")
        .isAfter(jobs.getLast().claimedAt().plus(PaceStore.SOON).minusMillis(500));
  }

  /** A node that gives back what has not started within a second would lose its place each time. */
  @Test
  void noPlaceIsTakenThatComesTooLate() {
    JobStore hasty =
        new JobStore(
            DATABASE.jdbc(),
            new Node(),
            Duration.ZERO,
            new PaceStore(DATABASE.jdbc(), Duration.ofMillis(600)));
    Pace pace = new Pace(Duration.ofMillis(1500), Duration.ZERO);
    store.enqueue(
        LongStream.rangeClosed(1, 20)
            .mapToObj(id -> new NewJob("deliver", id, 1, 42, Priority.NORMAL, 0, null, null))
            .toList(),
        LEASE);
    assertThat(paced(hasty, pace, 32).waits().values()).hasSize(1);
    assertThat(paced(store, pace, 32).waits().values()).as("it left that to others").hasSize(1);
  }

  /** Or who sends one an hour would wait for that hour, at whatever pace. */
  @Test
  void aQuickerPaceHoldsFromNowOn() {
    JobStore store = new JobStore(DATABASE.jdbc());
    store.enqueue(
        LongStream.rangeClosed(1, 3)
            .mapToObj(id -> new NewJob("deliver", id, 1, 42, Priority.NORMAL, 0, null, null))
            .toList(),
        LEASE);
    assertThat(paced(store, new Pace(Duration.ofHours(1), Duration.ZERO), 32).jobs()).hasSize(1);
    Pace quicker = new Pace(Duration.ofMillis(100), Duration.ZERO);
    assertThat(paced(store, quicker, 32).jobs()).as("not at once").isEmpty();
    Eventually.value(() -> paced(store, quicker, 32).jobs(), it -> !it.isEmpty());
  }

  /** Each claim would write it otherwise, and all nodes' claims would take turns at its row. */
  @Test
  void aPaceThatHasNoPlaceYetIsReadOnly() {
    JobStore store = new JobStore(DATABASE.jdbc());
    Pace pace = new Pace(Duration.ofHours(1), Duration.ZERO);
    store.enqueue(
        LongStream.rangeClosed(1, 3)
            .mapToObj(id -> new NewJob("deliver", id, 1, 42, Priority.NORMAL, 0, null, null))
            .toList(),
        LEASE);
    assertThat(paced(store, pace, 32).jobs()).hasSize(1);
    String version = "select xmin::text from lane_paces where lane = 42";
    String before = DATABASE.jdbc().sql(version).query(String.class).single();
    assertThat(paced(store, pace, 32).jobs()).isEmpty();
    assertThat(DATABASE.jdbc().sql(version).query(String.class).single()).isEqualTo(before);
  }

  private static JobQueue.Claimed paced(JobStore node, Pace pace, int most) {
    return DATABASE
        .transactions()
        .call(() ->
            node.claim(
                "deliver", most, most, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(42L, pace), 0));
  }

  /** Forty to one recipient wait for another node's call; the lane's others do not. */
  @Test
  void aLaneIsNotHeldUpByWhatMustWait() {
    JobStore other = new JobStore(DATABASE.jdbc());
    JobStore node = new JobStore(DATABASE.jdbc());
    other.enqueue(List.of(ordered(1, 4711L)), LEASE);
    node.enqueue(LongStream.rangeClosed(2, 41).mapToObj(id -> ordered(id, null)).toList(), LEASE);
    node.enqueue(List.of(new NewJob("deliver", 42, 1, 1, Priority.NORMAL, 78, null, null)), LEASE);
    assertThat(claimAll(node)).isEmpty();
    List<Long> claimed = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      claimAll(node).forEach(job -> claimed.add(job.id()));
    }
    assertThat(claimed).containsExactly(42L);
    other.remove("deliver", List.of(1L));
    Eventually.value(() -> claimAll(node), jobs -> !jobs.isEmpty());
  }

  /** The work loop must not rest then: behind what was moved there may be work. */
  @Test
  void aClaimSaysWhatItMetThatMustWait() {
    JobStore other = new JobStore(DATABASE.jdbc());
    JobStore node = new JobStore(DATABASE.jdbc());
    other.enqueue(List.of(ordered(1, 4711L)), LEASE);
    node.enqueue(LongStream.rangeClosed(2, 200).mapToObj(id -> ordered(id, null)).toList(), LEASE);
    JobQueue.Claimed claimed =
        node.claim("deliver", 199, 199, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(), 0);
    assertThat(claimed.jobs()).isEmpty();
    assertThat(claimed.moved())
        .extracting(JobQueue.Moved::id)
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(2, 200).boxed().toList());
    assertThat(waitOf(2)).isBetween(0.0, 0.5);
    assertThat(
            node.claim("deliver", 9, 9, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(), 0).moved())
        .as("nobody is left to be met")
        .isEmpty();
  }

  /** A6: thousands to few recipients. Who is far behind is not asked again every half second. */
  @Test
  void whoIsFurtherBehindIsLeftAloneForLonger() {
    JobStore node = new JobStore(DATABASE.jdbc());
    node.enqueue(LongStream.rangeClosed(1, 100).mapToObj(id -> ordered(id, null)).toList(), LEASE);
    DATABASE.jdbc().sql("update jobs set run_at = now() + (100 - id) * interval '1 us'").update();
    DATABASE.jdbc().sql("update jobs set run_at = run_at - interval '1 s'").update();
    JobQueue.Claimed claimed =
        node.claim("deliver", 10, 10, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(), 0);
    assertThat(claimed.jobs()).as("the last ten, with ninety before them").isEmpty();
    assertThat(claimed.moved()).hasSize(10);
    assertThat(waitOf(100))
        .as("ninety are before it, each for an eighth of a second")
        .isBetween(9.0, 12.0);
  }

  /** Who waits for one whose time is far may have a deadline. */
  @Test
  void itIsToldUntilWhenAJobWasMovedAndCanBeBroughtForward() {
    JobStore node = new JobStore(DATABASE.jdbc());
    node.enqueue(List.of(ordered(1, null), ordered(2, null)), LEASE);
    DATABASE.jdbc().sql("update jobs set run_at = now() + interval '1 d' where id = 1").update();
    JobQueue.Moved moved =
        node.claim("deliver", 9, 9, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(), 0)
            .moved()
            .getFirst();
    assertThat(moved.id()).isEqualTo(2);
    assertThat(moved.until()).isAfter(Instant.now().plus(Duration.ofHours(23)));
    node.bringForward("deliver", Map.of(2L, moved.until().plusSeconds(60)));
    assertThat(waitOf(2)).as("not later").isBetween(86_000.0, 86_400.0);
    node.bringForward("deliver", Map.of(2L, Instant.now().plusSeconds(60)));
    assertThat(waitOf(2)).isBetween(50.0, 60.0);
    node.bringForward("deliver", Map.of(2L, Instant.now().minusSeconds(60)));
    assertThat(waitOf(2)).as("in a moment, not at once").isBetween(1.0, 3.0);
  }

  /** How long a job waits yet, in seconds. */
  private static double waitOf(long id) {
    return DATABASE
        .jdbc()
        .sql("select extract(epoch from run_at - now()) from jobs where id = ?")
        .param(id)
        .query(Double.class)
        .single();
  }

  private static NewJob ordered(long id, @Nullable Long token) {
    return new NewJob("deliver", id, 1, 1, Priority.NORMAL, 77, null, token);
  }

  private static List<Job> claimAll(JobStore node) {
    return node.claim("deliver", 10, 10, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(), 0).jobs();
  }

  /** A finish that is under way when the rescue looks: the rescue must leave it alone. */
  @Test
  void aRescueNeverTakesWhatIsBeingFinished() throws Exception {
    store.enqueue(List.of(new NewJob("deliver", 1, 1, 1, Priority.NORMAL, 0, null, 4711L)), LEASE);
    leasesRunOut();
    try (Connection finishing = DATABASE.dataSource().getConnection();
        Statement statement = finishing.createStatement()) {
      finishing.setAutoCommit(false);
      statement.execute("delete from jobs where id = 1 and token = 4711");
      assertThat(store.rescue("deliver", 10)).as("while the finish is under way").isEmpty();
      finishing.commit();
    }
    assertThat(store.rescue("deliver", 10)).isEmpty();
    assertThat(store.standing("deliver", 1)).isEmpty();
  }

  /**
   * With plain joins the planner read the whole backlog for every claim: 0.7 s of a million. With
   * one index for an order's waiting and claimed jobs, a backlog of one recipient was read for each
   * job of a claim.
   *
   * @param key of the order of some of the backlog; 77 is that of one that another node has
   */
  @ParameterizedTest
  @CsvSource({"77, 0, 32, 500", "77, 3, 29, 500", "77, 50000, 0, 2000", "78, 50000, 32, 2000"})
  void aClaimFromALongBacklogReadsNoMoreThanItTakes(
      long key, int ordered, int expected, long mostRead) {
    DATABASE
        .jdbc()
        .sql(
            """
            insert into jobs (kind, id, app_id, lane, priority, run_at)
            select 'deliver', g, 1, 3, 2, now() from generate_series(1, 50000) g
            """)
        .update();
    new JobStore(DATABASE.jdbc())
        .enqueue(
            List.of(new NewJob("deliver", 60_000, 1, 3, Priority.NORMAL, 77, null, 4711L)), LEASE);
    DATABASE
        .jdbc()
        .sql("update jobs set order_key = :key where id <= :ordered")
        .param("key", key)
        .param("ordered", ordered)
        .update();
    DATABASE.jdbc().sql("vacuum analyze jobs").update();
    long read =
        DATABASE.rowsRead(
            "jobs",
            connection ->
                assertThat(
                        new JobStore(connection)
                            .claim(
                                "deliver",
                                128,
                                32,
                                Duration.ofSeconds(30),
                                Long.MIN_VALUE,
                                Narrows.NONE,
                                Map.of(),
                                0)
                            .jobs())
                    .hasSize(expected));
    assertThat(read).as("rows read to claim 32").isLessThan(mostRead);
  }

  @Test
  void aLaneIsReadInItsOrderPageByPage() {
    List<NewJob> jobs =
        List.of(
            new NewJob("deliver", 1, 1, 3, Priority.LOW, 0, null, null),
            new NewJob("deliver", 2, 1, 3, Priority.URGENT, 0, NewJob.HELD, null),
            new NewJob("deliver", 3, 1, 3, Priority.URGENT, 0, null, null),
            new NewJob("deliver", 4, 1, 4, Priority.URGENT, 0, null, null),
            new NewJob("deliver", 5, 1, 3, Priority.LOW, 0, null, 4711L));
    store.enqueue(jobs, LEASE);
    List<Long> seen = new ArrayList<>();
    JobStore.Place place = JobStore.Place.FIRST;
    while (true) {
      List<JobStore.Unclaimed> page = store.unclaimed("deliver", 3, place, 1);
      if (page.isEmpty()) {
        break;
      }
      seen.add(page.getFirst().id());
      place = page.getFirst().place();
    }
    assertThat(seen)
        .as("neither another lane's nor one that is claimed")
        .containsExactly(3L, 2L, 1L);
  }

  @Test
  void aLaneKeepsWaitingWhereAJobOfAnyPriorityIsDue() {
    Instant longAgo = Instant.now().minusSeconds(60);
    store.enqueue(
        List.of(
            new NewJob("deliver", 1, 1, 3, Priority.URGENT, 0, null, null),
            new NewJob("deliver", 2, 1, 3, Priority.LOW, 0, longAgo, null),
            new NewJob("deliver", 3, 1, 4, Priority.NORMAL, 0, null, null),
            new NewJob("deliver", 4, 1, 5, Priority.NORMAL, 0, longAgo, null),
            new NewJob("deliver", 5, 1, 6, Priority.NORMAL, 0, longAgo, 4711L)),
        LEASE);
    JobStore.KeptWaiting behind =
        store.keptWaiting("deliver", Long.MIN_VALUE, Duration.ofSeconds(30));
    assertThat(behind.lanes()).containsExactlyInAnyOrder(3L, 5L);
    assertThat(behind.next()).isEmpty();
    assertThat(store.keptWaiting("deliver", 3, Duration.ofSeconds(30)).lanes()).containsExactly(5L);
  }

  private int claimUntilEmpty(Set<Long> taken) {
    int claimed = 0;
    int empty = 0;
    while (empty < 3) {
      List<Job> jobs =
          store
              .claim(
                  "deliver",
                  10,
                  5,
                  Duration.ofSeconds(30),
                  Long.MIN_VALUE,
                  Narrows.NONE,
                  Map.of(),
                  0)
              .jobs();
      jobs.forEach(job -> assertThat(taken.add(job.id())).isTrue());
      claimed += jobs.size();
      empty = jobs.isEmpty() ? empty + 1 : 0;
    }
    return claimed;
  }
}
