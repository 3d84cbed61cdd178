package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a queue promises, whoever keeps it. */
interface JobQueueContract {
  Duration LEASE = Duration.ofSeconds(30);

  JobQueue queue();

  /** Lets every lease that is held now run out. */
  void leasesRunOut();

  private static NewJob job(long id, long lane, Priority priority, @Nullable Instant runAt) {
    return new NewJob("deliver", id, 1, lane, priority, 0, runAt, null);
  }

  private void enqueue(long... ids) {
    for (long id : ids) {
      queue().enqueue(List.of(job(id, 1, Priority.NORMAL, null)), LEASE);
    }
  }

  private List<Job> claim(int limit) {
    return queue()
        .claim("deliver", limit, limit, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(), 0)
        .jobs();
  }

  private List<Long> ids(List<Job> jobs) {
    return jobs.stream().map(Job::id).toList();
  }

  @Test
  default void aClaimedJobIsInvisibleUntilItsLeaseEnds() {
    enqueue(1, 2);
    assertThat(ids(claim(10))).containsExactly(1L, 2L);
    assertThat(claim(10)).isEmpty();
    leasesRunOut();
    assertThat(claim(10)).as("only the rescue gives it back").isEmpty();
    assertThat(queue().rescue("deliver", 10)).hasSize(2);
    assertThat(ids(claim(10))).containsExactly(1L, 2L);
  }

  @Test
  default void claimsNoMoreThanAsked() {
    enqueue(1, 2, 3, 4, 5);
    assertThat(claim(3)).hasSize(3);
    assertThat(claim(3)).hasSize(2);
  }

  @Test
  default void claimsTheMostUrgentFirstAndKeepsOrderWithinAPriority() {
    queue()
        .enqueue(
            List.of(
                job(1, 1, Priority.LOW, null),
                job(2, 1, Priority.NORMAL, null),
                job(3, 1, Priority.URGENT, null),
                job(4, 1, Priority.NORMAL, null)),
            LEASE);
    assertThat(ids(claim(3))).containsExactly(3L, 2L, 4L);
    assertThat(ids(claim(3))).containsExactly(1L);
  }

  @Test
  default void whatComesBackLessUrgentWaitsBehindWhatWasNotTried() {
    enqueue(1, 2);
    Job tried = claim(1).getFirst();
    queue()
        .finish(
            List.of(
                new Finish.Again(tried.withPriority(Priority.LOW), Duration.ZERO, true, false)));
    assertThat(queue().hasDue("deliver", 1, Priority.NORMAL, 1)).isTrue();
    assertThat(queue().hasDue("deliver", 1, Priority.NORMAL, 2)).isFalse();
    assertThat(queue().hasDue("deliver", 1, Priority.LOW, 1)).isTrue();
    assertThat(ids(claim(1))).containsExactly(2L);
    Job again = claim(1).getFirst();
    assertThat(again.id()).isEqualTo(1);
    assertThat(again.priority()).isEqualTo(Priority.LOW);
  }

  @Test
  default void aLanesJobsBeginAgainButNotWhatSomebodyHasOrHolds() {
    enqueue(1, 2, 3);
    queue()
        .finish(
            claim(2).stream()
                .map(job -> new Finish.Again(job, Duration.ofHours(1), true, false))
                .toList());
    queue().enqueue(List.of(job(4, 2, Priority.NORMAL, NewJob.HELD)), LEASE);
    List<Job> inHand = claim(1);
    queue().restart("deliver", 1);
    queue().restart("deliver", 2);
    List<Job> begun = claim(10);
    assertThat(ids(begun)).containsExactlyInAnyOrder(1L, 2L);
    assertThat(begun).allMatch(job -> job.counted() == 0);
    assertThat(queue().finish(List.of(new Finish.Done(inHand.getFirst())))).hasSize(1);
  }

  @Test
  default void givesEachLaneItsTurn() {
    for (long id = 1; id <= 50; id++) {
      queue().enqueue(List.of(job(id, 1, Priority.URGENT, null)), LEASE);
    }
    queue()
        .enqueue(List.of(job(100, 2, Priority.LOW, null), job(101, 3, Priority.LOW, null)), LEASE);
    JobQueue.Claimed claimed =
        queue().claim("deliver", 12, 4, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(), 0);
    assertThat(ids(claimed.jobs())).contains(100L, 101L).hasSize(6);
    assertThat(claimed.next()).as("the last lane was reached").isEmpty();
    assertThat(queue().claim("deliver", 12, 4, LEASE, 1, Narrows.NONE, Map.of(), 0).jobs())
        .isEmpty();
    assertThat(
            queue()
                .claim(
                    "deliver",
                    12,
                    4,
                    LEASE,
                    Long.MIN_VALUE,
                    new Narrows(Map.of(1L, Narrow.to(0)), Set.of(), Set.of()),
                    Map.of(),
                    0)
                .jobs())
        .isEmpty();
  }

  @Test
  default void aNarrowLaneGivesNoMoreThanItMay() {
    enqueue(1, 2, 3, 4);
    assertThat(
            queue()
                .claim(
                    "deliver",
                    10,
                    10,
                    LEASE,
                    0,
                    new Narrows(Map.of(1L, Narrow.to(1)), Set.of(), Set.of()),
                    Map.of(),
                    0)
                .jobs())
        .hasSize(1);
    assertThat(
            queue()
                .claim(
                    "deliver",
                    10,
                    10,
                    LEASE,
                    0,
                    new Narrows(Map.of(1L, Narrow.to(0)), Set.of(), Set.of()),
                    Map.of(),
                    0)
                .jobs())
        .isEmpty();
    assertThat(
            queue()
                .claim(
                    "deliver",
                    10,
                    2,
                    LEASE,
                    0,
                    new Narrows(Map.of(1L, Narrow.to(9)), Set.of(), Set.of()),
                    Map.of(),
                    0)
                .jobs())
        .hasSize(2);
  }

  /** Where a lane has enough in hand, the end of a run is a reason to look again. */
  @Test
  default void itIsToldWhetherDueJobsOfAFullLaneWerePassedOver() {
    enqueue(1);
    assertThat(claimWith(Narrow.FULL).full()).isTrue();
    assertThat(claimWith(Narrow.CLOSED).full()).as("it rests").isFalse();
    assertThat(claimWith(Narrow.to(1)).full()).isFalse();
    assertThat(claimWith(Narrow.FULL).full()).as("nothing of it is due any more").isFalse();
  }

  /** Of which nothing can start now: what it has elsewhere is not claimed to wait for that. */
  @Test
  default void anApplicationThatIsFullGivesOfTheLanesThatAreNamedOnly() {
    queue()
        .enqueue(
            List.of(job(1, 1, Priority.NORMAL, null), job(2, 2, Priority.NORMAL, null)), LEASE);
    Narrows full = new Narrows(Map.of(2L, Narrow.to(5)), Set.of(1L), Set.of(2L));
    JobQueue.Claimed claimed =
        queue().claim("deliver", 10, 10, LEASE, Long.MIN_VALUE, full, Map.of(), 0);
    assertThat(claimed.jobs()).extracting(Job::id).containsExactly(2L);
    assertThat(claimed.full()).isTrue();
  }

  private JobQueue.Claimed claimWith(Narrow narrow) {
    return queue()
        .claim(
            "deliver",
            10,
            10,
            LEASE,
            0,
            new Narrows(Map.of(1L, narrow), Set.of(), Set.of()),
            Map.of(),
            0);
  }

  @Test
  default void theMoreLanesHaveWorkTheFewerJobsEachGives() {
    for (long lane = 1; lane <= 40; lane++) {
      for (long n = 0; n < 10; n++) {
        queue().enqueue(List.of(job(lane * 100 + n, lane, Priority.NORMAL, null)), LEASE);
      }
    }
    JobQueue.Claimed first =
        queue().claim("deliver", 30, 8, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(), 0);
    assertThat(first.jobs().stream().map(Job::lane)).doesNotHaveDuplicates().hasSize(30);
    assertThat(first.next()).hasValue(30);
    JobQueue.Claimed second = queue().claim("deliver", 30, 8, LEASE, 30, Narrows.NONE, Map.of(), 0);
    assertThat(second.jobs()).as("ten lanes share thirty places").hasSize(30);
    assertThat(second.jobs().stream().map(Job::lane)).allMatch(lane -> lane > 30);
    assertThat(second.next()).isEmpty();
  }

  @Test
  default void leavesWhatIsNotDueYet() {
    queue().enqueue(List.of(job(1, 1, Priority.URGENT, Instant.now().plusSeconds(3600))), LEASE);
    assertThat(claim(10)).isEmpty();
    assertThat(queue().reschedule("deliver", 1, Instant.now().minusSeconds(1))).isTrue();
    assertThat(claim(10)).hasSize(1);
  }

  private static NewJob ordered(long id, Priority priority, @Nullable Long token) {
    return new NewJob("deliver", id, 1, 1, priority, 77, null, token);
  }

  @Test
  default void aJobIsNotClaimedByItsNodeWhenOneOfItsOrderWaitsInTheTable() {
    queue().enqueue(List.of(ordered(1, Priority.NORMAL, null)), LEASE);
    assertThat(queue().enqueue(List.of(ordered(2, Priority.NORMAL, 4711L)), LEASE)).isEmpty();
    assertThat(queue().enqueue(List.of(ordered(3, Priority.URGENT, 4712L)), LEASE))
        .as("another class has an order of its own")
        .containsExactly(4712L);
    assertThat(claim(10)).extracting(Job::id).containsExactly(1L, 2L);
    assertThat(queue().enqueue(List.of(ordered(4, Priority.NORMAL, 4713L)), LEASE))
        .as("those before it are on this node, which keeps their order")
        .containsExactly(4713L);
  }

  @Test
  default void whatWaitsForItsNextAttemptOrItsTimeHoldsNobodyBack() {
    Instant later = Instant.now().plusSeconds(60);
    queue()
        .enqueue(List.of(new NewJob("deliver", 1, 1, 1, Priority.NORMAL, 77, later, null)), LEASE);
    assertThat(queue().enqueue(List.of(ordered(2, Priority.NORMAL, 4711L)), LEASE))
        .containsExactly(4711L);
  }

  /** A sender's rest puts its messages back; whoever came later does not pass them for it. */
  @Test
  default void whatIsPutBackKeepsItsPlaceWhereItsHoldIsEveryones() {
    queue().enqueue(List.of(ordered(1, Priority.NORMAL, null)), LEASE);
    Job first = claim(1).getFirst();
    queue().finish(List.of(new Finish.Back(first, Duration.ofMinutes(1), true)));
    queue().enqueue(List.of(ordered(2, Priority.NORMAL, null)), LEASE);
    assertThat(claim(10)).isEmpty();
    assertThat(queue().reschedule("deliver", 1, Instant.now().plusSeconds(60))).isTrue();
    assertThat(claim(10)).as("its own time is later now").extracting(Job::id).containsExactly(2L);
  }

  /** Its order is lost already; a look-up would wait for as long as that one is put off. */
  @Test
  default void whatWasTriedWaitsForNobodyWhoWaits() {
    queue()
        .enqueue(
            List.of(ordered(1, Priority.NORMAL, null), ordered(2, Priority.NORMAL, null)), LEASE);
    Job tried = claim(1).getFirst();
    assertThat(tried.id()).isEqualTo(1);
    queue().finish(List.of(new Finish.Again(tried, Duration.ZERO, true, false)));
    Job put = claim(1).getFirst();
    assertThat(put.id()).isEqualTo(2);
    queue().finish(List.of(new Finish.Back(put, Duration.ofDays(1), true)));
    assertThat(queue().turn("deliver", 1).first()).isEmpty();
    assertThat(claim(10)).extracting(Job::id).containsExactly(1L);
  }

  @Test
  default void tellsWhatAJobHasBeforeIt() {
    queue().enqueue(List.of(ordered(1, Priority.NORMAL, null)), LEASE);
    queue().enqueue(List.of(ordered(2, Priority.NORMAL, null)), LEASE);
    queue().enqueue(List.of(job(3, 1, Priority.URGENT, null)), LEASE);
    queue().enqueue(List.of(job(4, 2, Priority.URGENT, null)), LEASE);
    assertThat(queue().turn("deliver", 2).ahead()).isEqualTo(2);
    assertThat(queue().turn("deliver", 2).first()).hasValue(1);
    assertThat(queue().turn("deliver", 1).first()).isEmpty();
    assertThat(queue().turn("deliver", 3)).isEqualTo(queue().turn("deliver", 99));
    queue().cancel("deliver", 3);
    Job first = claim(1).getFirst();
    assertThat(first.id()).isEqualTo(1);
    assertThat(queue().turn("deliver", 2).ahead()).as("a claimed one is not in line").isZero();
    assertThat(queue().turn("deliver", 2).first()).as("but of its order").hasValue(1);
    queue().finish(List.of(new Finish.Done(first)));
    assertThat(queue().turn("deliver", 2).first()).isEmpty();
  }

  @Test
  default void whatIsHeldAloneHoldsNobodyBack() {
    queue().enqueue(List.of(ordered(1, Priority.NORMAL, null)), LEASE);
    Job first = claim(1).getFirst();
    queue().finish(List.of(new Finish.Back(first, Duration.ofMinutes(1), false)));
    queue().enqueue(List.of(ordered(2, Priority.NORMAL, null)), LEASE);
    assertThat(claim(10)).extracting(Job::id).containsExactly(2L);
  }

  /** Seven claims take the most urgent, the eighth the oldest. */
  @Test
  default void theLeastUrgentMovesToo() {
    queue().enqueue(List.of(job(1, 1, Priority.LOW, null)), LEASE);
    queue()
        .enqueue(
            LongStream.rangeClosed(2, 20).mapToObj(id -> job(id, 1, Priority.HIGH, null)).toList(),
            LEASE);
    for (int turn = 0; turn < 7; turn++) {
      assertThat(
              queue()
                  .claim("deliver", 1, 1, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(), turn)
                  .jobs())
          .extracting(Job::priority)
          .containsExactly(Priority.HIGH);
    }
    assertThat(
            queue().claim("deliver", 1, 1, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(), 7).jobs())
        .extracting(Job::id)
        .containsExactly(1L);
  }

  /**
   * C2: the most urgent, or the oldest, would be the one that finds out whether its provider is
   * back, each time, until it has no attempts left.
   */
  @Test
  default void whoWasTriedLeastFindsOutWhetherAProviderIsBack() {
    queue()
        .enqueue(
            List.of(
                job(1, 1, Priority.URGENT, null),
                job(2, 1, Priority.NORMAL, null),
                job(3, 1, Priority.NORMAL, null)),
            LEASE);
    List<Long> probes = new ArrayList<>();
    for (int turn = 0; turn < 6; turn++) {
      List<Job> probe =
          queue()
              .claim(
                  "deliver",
                  9,
                  9,
                  LEASE,
                  0,
                  new Narrows(Map.of(1L, Narrow.PROBE), Set.of(), Set.of()),
                  Map.of(),
                  turn)
              .jobs();
      assertThat(probe).hasSize(1);
      probes.add(probe.getFirst().id());
      queue().finish(List.of(new Finish.Again(probe.getFirst(), Duration.ZERO, true, true)));
    }
    assertThat(probes).containsExactly(1L, 2L, 3L, 1L, 2L, 3L);
  }

  /** An application with many senders gets no more than one with a single one. */
  @Test
  default void applicationsShareAClaim() {
    queue()
        .enqueue(
            LongStream.rangeClosed(1, 40)
                .mapToObj(id -> new NewJob("deliver", id, 1, id, Priority.NORMAL, 0, null, null))
                .toList(),
            LEASE);
    queue()
        .enqueue(
            LongStream.rangeClosed(41, 80)
                .mapToObj(id -> new NewJob("deliver", id, 2, 99, Priority.NORMAL, 0, null, null))
                .toList(),
            LEASE);
    List<Job> claimed =
        queue().claim("deliver", 60, 32, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(), 0).jobs();
    assertThat(claimed.stream().filter(job -> job.appId() == 1)).hasSize(30);
    assertThat(claimed.stream().filter(job -> job.appId() == 2)).hasSize(30);
    assertThat(
            queue()
                .claim("deliver", 60, 32, LEASE, Long.MIN_VALUE, Narrows.NONE, Map.of(), 1)
                .jobs()
                .stream()
                .filter(job -> job.appId() == 1))
        .as("the lanes that were passed over have their turn")
        .hasSize(10);
  }

  @Test
  default void leavesWhatIsHeldUntilItIsWoken() {
    queue()
        .enqueue(
            List.of(
                job(1, 1, Priority.URGENT, null),
                job(2, 1, Priority.URGENT, null),
                job(3, 1, Priority.URGENT, NewJob.HELD)),
            LEASE);
    queue().hold("deliver", List.of(1L));
    assertThat(claim(10)).extracting(Job::id).containsExactly(2L);
    assertThat(queue().standing("deliver", 1).orElseThrow().runAt()).isEmpty();
    Instant later = Instant.now().plusSeconds(3600).truncatedTo(ChronoUnit.MICROS);
    queue().wake("deliver", Map.of(1L, later, 2L, later, 3L, Instant.EPOCH));
    assertThat(claim(10)).extracting(Job::id).containsExactly(3L);
    assertThat(queue().standing("deliver", 1).orElseThrow().runAt()).hasValue(later);
  }

  @Test
  default void aJobMayBeEnqueuedAlreadyClaimed() {
    queue()
        .enqueue(List.of(new NewJob("deliver", 7, 1, 1, Priority.NORMAL, 0, null, 4711L)), LEASE);
    assertThat(claim(10)).isEmpty();
    Job job =
        new Job("deliver", 7, 1, 1, Priority.NORMAL, 0, 1, 0, 0, false, 4711, Instant.now(), 0);
    assertThat(queue().finish(List.of(new Finish.Done(job)))).containsExactly(4711L);
    assertThat(queue().standing("deliver", 7)).isEmpty();
  }

  @Test
  default void aFinishCountsOnlyWhileTheLeaseIsHeld() {
    enqueue(1);
    Job first = claim(1).getFirst();
    leasesRunOut();
    queue().rescue("deliver", 10);
    Job second = claim(1).getFirst();
    assertThat(queue().finish(List.of(new Finish.Done(first)))).as("the zombie").isEmpty();
    assertThat(queue().finish(List.of(new Finish.Done(second)))).isEqualTo(Set.of(second.token()));
    assertThat(queue().finish(List.of(new Finish.Done(second)))).as("twice").isEmpty();
  }

  @Test
  default void countsWhatCountsAndRemembersWhatMayHaveArrived() {
    enqueue(1);
    Job job = claim(1).getFirst();
    assertThat(job.attempt()).isEqualTo(1);
    queue().finish(List.of(new Finish.Again(job, Duration.ZERO, true, true)));
    Job again = claim(1).getFirst();
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(again.counted()).isEqualTo(1);
    assertThat(again.ambiguous()).isTrue();
    queue().finish(List.of(new Finish.Again(again, Duration.ZERO, false, false)));
    Job third = claim(1).getFirst();
    assertThat(third.counted()).isEqualTo(1);
    assertThat(third.ambiguous()).as("stays so").isTrue();
  }

  @Test
  default void aJobThatIsGivenBackBurnsNoAttempt() {
    enqueue(1);
    queue().finish(List.of(new Finish.Back(claim(1).getFirst(), Duration.ZERO, true)));
    assertThat(claim(1).getFirst().attempt()).isEqualTo(1);
  }

  @Test
  default void whatIsHeldAfterAClaimWaitsUntilItIsWoken() {
    enqueue(1);
    queue().finish(List.of(new Finish.Again(claim(1).getFirst(), Duration.ZERO, true, false)));
    queue().finish(List.of(new Finish.Hold(claim(1).getFirst())));
    assertThat(claim(1)).isEmpty();
    assertThat(queue().standing("deliver", 1).orElseThrow().runAt()).isEmpty();
    queue().wake("deliver", Map.of(1L, Instant.EPOCH));
    Job woken = claim(1).getFirst();
    assertThat(woken.attempt()).as("no attempt was burned").isEqualTo(2);
    assertThat(woken.counted()).isEqualTo(1);
  }

  /** What takes longer than a claim holds would be taken back alive, and sent twice. */
  @Test
  default void whatBeginsHasItsLeaseFromThen() {
    enqueue(1);
    Job job = claim(1).getFirst();
    Duration longer = LEASE.multipliedBy(3);
    assertThat(queue().begin(job, longer, false)).isTrue();
    JobQueue.Standing standing = queue().standing("deliver", 1).orElseThrow();
    assertThat(standing.claim().orElseThrow().leaseUntil())
        .isBetween(
            standing.now().plus(longer).minusSeconds(5),
            standing.now().plus(longer).plusSeconds(1));
  }

  @Test
  default void aRescueCountsTheCrash() {
    enqueue(1);
    Job job = claim(1).getFirst();
    assertThat(queue().begin(job, LEASE, true)).isTrue();
    leasesRunOut();
    assertThat(queue().begin(job, LEASE, true)).as("too late").isFalse();
    JobQueue.Expired expired = queue().rescue("deliver", 10).getFirst();
    assertThat(expired.started()).isTrue();
    assertThat(expired.job().crashes()).isEqualTo(1);
    assertThat(queue().rescue("deliver", 10)).isEmpty();
    assertThat(claim(1).getFirst().ambiguous()).isTrue();
  }

  @Test
  default void whatOnlyWaitedIsNotBlamedForASecondCrash() {
    enqueue(1);
    for (int crash = 1; crash <= 4; crash++) {
      claim(1);
      leasesRunOut();
      queue().rescue("deliver", 10);
    }
    Job bystander = claim(1).getFirst();
    assertThat(bystander.crashes()).isEqualTo(1);
    assertThat(bystander.crashedBefore()).isTrue();
    assertThat(bystander.isSuspect()).isFalse();
    queue().begin(bystander, LEASE, true);
    leasesRunOut();
    queue().rescue("deliver", 10);
    Job suspect = claim(1).getFirst();
    assertThat(suspect.crashes()).isEqualTo(2);
    assertThat(suspect.isSuspect()).isTrue();
  }

  @Test
  default void takesBackWhatWasCountedOfAClaimForNoAttempt() {
    enqueue(1, 2);
    claim(2);
    leasesRunOut();
    queue().rescue("deliver", 10);
    queue().uncount("deliver", List.of(1L));
    assertThat(claim(2)).extracting(Job::attempt).containsExactly(1, 2);
    queue().uncount("deliver", List.of(1L));
    assertThat(queue().standing("deliver", 1).orElseThrow().attempt()).isEqualTo(1);
  }

  @Test
  default void cancelsOnlyWhatNobodyIsWorkingOn() {
    enqueue(1, 2);
    claim(1);
    assertThat(queue().cancel("deliver", 1)).isFalse();
    assertThat(queue().cancel("deliver", 2)).isTrue();
    assertThat(queue().cancel("deliver", 2)).isFalse();
    assertThat(queue().standing("deliver", 1)).map(it -> it.claim().isPresent()).contains(true);
    assertThat(queue().standing("deliver", 2)).isEqualTo(Optional.empty());
  }

  @Test
  default void tellsItsDepth() {
    enqueue(1, 2, 3);
    queue().enqueue(List.of(job(9, 1, Priority.LOW, Instant.now().plusSeconds(3600))), LEASE);
    claim(1);
    JobQueue.Depth depth = queue().depth("deliver");
    assertThat(depth.waiting()).isEqualTo(2);
    assertThat(depth.scheduled()).isEqualTo(1);
    assertThat(depth.claimed()).isEqualTo(1);
    assertThat(depth.oldestDueSeconds()).isBetween(0.0, 60.0);
  }
}
