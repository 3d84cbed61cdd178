package dev.postrider.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Seed;
import dev.postrider.testing.Eventually;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fairness between lanes, in the memory of one node. */
class DispatcherTest {
  private static final int LANES = 12;
  private static final int EACH = 40;

  private final List<Long> order = Collections.synchronizedList(new ArrayList<>());
  private final Dispatcher dispatcher = dispatcher(4, 2);

  private static Dispatcher dispatcher(int running, int perLane) {
    return dispatcher(running, perLane, Duration.ofSeconds(9));
  }

  private static Dispatcher dispatcher(int running, int perLane, Duration startWithin) {
    return new Dispatcher(
        new QueueSettings(
            Duration.ofSeconds(30),
            startWithin,
            Duration.ofSeconds(5),
            Duration.ofMillis(200),
            running,
            perLane,
            10_000,
            5_000,
            3,
            Duration.ofSeconds(25)));
  }

  private final List<Throwable> broken = Collections.synchronizedList(new ArrayList<>());
  private final Thread.@Nullable UncaughtExceptionHandler usual =
      Thread.getDefaultUncaughtExceptionHandler();

  @BeforeEach
  void listen() {
    Thread.setDefaultUncaughtExceptionHandler((_, e) -> broken.add(e));
  }

  @AfterEach
  void nothingOfItsOwnBroke() {
    Thread.setDefaultUncaughtExceptionHandler(usual);
    assertThat(broken).allMatch(it -> String.valueOf(it.getMessage()).equals("on purpose"));
  }

  /** One run at a time, so that the order of the runs is the order of the turns. */
  private final Dispatcher oneByOne = dispatcher(1, 1);

  private class Recorder implements JobHandler<String> {
    private final java.util.concurrent.CountDownLatch gate =
        new java.util.concurrent.CountDownLatch(1);

    @Override
    public String kind() {
      return "deliver";
    }

    @Override
    public List<Work<String>> claimed(List<Job> jobs) {
      return List.of();
    }

    @Override
    public void run(Work<String> work) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      order.add(work.job().lane());
      oneByOne.done(work.job());
    }

    @Override
    public void released(List<Job> jobs) {}

    @Override
    public void rescued(List<JobQueue.Expired> jobs) {}
  }

  static Job job(long id, long lane) {
    return job(id, lane, System.nanoTime());
  }

  private static Job job(long id, long lane, long claimedNanos) {
    return new Job(
        "deliver",
        id,
        1,
        lane,
        Priority.NORMAL,
        0,
        1,
        0,
        0,
        false,
        id,
        Instant.now(),
        claimedNanos);
  }

  /** A library's classes may be gone, say: that must not cost the node a place each time. */
  @Test
  void aRunThatBreaksLeavesItsPlaceAndItsOrder() {
    Recorder breaks =
        new Recorder() {
          @Override
          public void run(JobHandler.Work<String> work) {
            order.add(work.job().id());
            throw new NoClassDefFoundError("on purpose");
          }
        };
    dispatcher.startClaimed(breaks, work(1, 1, 1, Priority.NORMAL, 77), Duration.ZERO);
    dispatcher.startClaimed(breaks, work(2, 1, 1, Priority.NORMAL, 77), Duration.ZERO);
    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(10))).isTrue();
    assertThat(order).containsExactly(1L, 2L);
    assertThat(dispatcher.claimed()).isZero();
  }

  /** Whatever the order in which work came: while all lanes have some, none is far ahead. */
  @Test
  void lanesTakeTurnsInWhateverOrderTheirWorkCame() {
    List<Long> lanes = new ArrayList<>();
    for (long lane = 0; lane < LANES; lane++) {
      lanes.addAll(Collections.nCopies(EACH, lane));
    }
    Collections.shuffle(lanes, new Random(Seed.value()));
    Recorder recorder = new Recorder();
    for (int i = 0; i < lanes.size(); i++) {
      oneByOne.startClaimed(
          recorder, new JobHandler.Work<>(job(i, lanes.get(i)), ""), Duration.ZERO);
    }
    recorder.gate.countDown();
    assertThat(oneByOne.awaitIdle(Duration.ofSeconds(20))).isTrue();
    int[] done = new int[LANES];
    for (int i = 0; i < order.size(); i++) {
      done[order.get(i).intValue()]++;
      int ahead = Arrays.stream(done).max().orElseThrow() - Arrays.stream(done).min().orElseThrow();
      // The very first may have run before the others came.
      assertThat(ahead).as("seed %s, after %s", Seed.value(), i).isLessThanOrEqualTo(2);
    }
    assertThat(done).hasSize(LANES).containsOnly(EACH);
  }

  private static JobHandler.Work<String> work(
      long id, long app, long lane, Priority priority, long orderKey) {
    return work(id, app, lane, priority, orderKey, System.nanoTime());
  }

  private static JobHandler.Work<String> work(
      long id, long app, long lane, Priority priority, long orderKey, long claimedNanos) {
    Instant now = Instant.now();
    return new JobHandler.Work<>(
        new Job(
            "deliver", id, app, lane, priority, orderKey, 1, 0, 0, false, id, now, claimedNanos),
        "");
  }

  /** Two jobs of the same order never run at once, and in the order in which they came. */
  @Test
  void whatHasAnOrderRunsOneByOneInIt() {
    Dispatcher wide = dispatcher(16, 16);
    List<Long> ended = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Recorder handler =
        new Recorder() {
          @Override
          public void run(Work<String> work) {
            most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(200_000));
            ended.add(work.job().id());
            atOnce.decrementAndGet();
            wide.done(work.job());
          }
        };
    for (long id = 1; id <= 300; id++) {
      wide.startClaimed(handler, work(id, 1, 7, Priority.NORMAL, 77), Duration.ZERO);
    }
    assertThat(wide.awaitIdle(Duration.ofSeconds(20))).isTrue();
    assertThat(most).hasValue(1);
    assertThat(ended).isSorted().hasSize(300);
  }

  /** What is given back takes those behind it along; who comes then goes when all are back. */
  @Test
  void whoeverIsBehindOneThatIsGivenBackGoesBackToo() {
    Dispatcher wide = dispatcher(16, 16);
    List<Long> started = Collections.synchronizedList(new ArrayList<>());
    List<Job> back = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch allThere = new CountDownLatch(1);
    Recorder handler =
        new Recorder() {
          @Override
          public void run(Work<String> work) {
            Job job = work.job();
            if (job.id() == 1 || wide.mustGoBack(job)) {
              Eventually.opened(allThere);
              wide.givenBack(job);
              back.add(job);
            } else {
              started.add(job.id());
              wide.done(job);
            }
          }
        };
    JobHandler.Work<String> early = work(6, 1, 7, Priority.NORMAL, 77);
    for (long id = 1; id <= 3; id++) {
      wide.startClaimed(handler, work(id, 1, 7, Priority.NORMAL, 77), Duration.ZERO);
    }
    allThere.countDown();
    Eventually.value(back::size, size -> size == 3);
    // It comes before the last of them is back in the table, and would overtake it.
    wide.done(back.getFirst());
    wide.startClaimed(handler, work(4, 1, 7, Priority.NORMAL, 77), Duration.ZERO);
    wide.done(back.get(1));
    wide.done(back.get(2));
    Eventually.value(back::size, size -> size == 4);
    wide.done(back.get(3));
    assertThat(started).isEmpty();
    wide.startClaimed(handler, work(5, 1, 7, Priority.NORMAL, 77), Duration.ZERO);
    assertThat(wide.awaitIdle(Duration.ofSeconds(5))).isTrue();
    assertThat(started).as("the line is empty: it may go").containsExactly(5L);
    wide.startClaimed(handler, early, Duration.ZERO);
    Eventually.value(back::size, size -> size == 5);
    wide.done(early.job());
    assertThat(started).as("claimed before the others were back: it must not go").hasSize(1);
  }

  /** A code passes a campaign; what is least urgent moves all the same. */
  @Test
  void theUrgentGoFirstAndTheLastMovesToo() {
    List<Long> ids = Collections.synchronizedList(new ArrayList<>());
    Recorder recorder =
        new Recorder() {
          @Override
          public void run(Work<String> work) {
            super.run(work);
            ids.add(work.job().id());
          }
        };
    for (long id = 1; id <= 100; id++) {
      oneByOne.startClaimed(recorder, work(id, 1, 7, Priority.LOW, 0), Duration.ZERO);
    }
    for (long id = 101; id <= 180; id++) {
      oneByOne.startClaimed(recorder, work(id, 1, 7, Priority.URGENT, 0), Duration.ZERO);
    }
    recorder.gate.countDown();
    assertThat(oneByOne.awaitIdle(Duration.ofSeconds(20))).isTrue();
    // The first ran before the others came; of the next eighty, seven in eight are urgent.
    List<Long> next = ids.subList(1, 81);
    assertThat(next.stream().filter(id -> id > 100).count()).isBetween(69L, 71L);
    assertThat(next).contains(2L, 3L);
  }

  /** Ten senders of one application have together the turns of another one's only sender. */
  @Test
  void applicationsTakeTurnsAndThenTheirLanes() {
    Recorder recorder = new Recorder();
    for (long id = 0; id < 200; id++) {
      oneByOne.startClaimed(recorder, work(id, 1, id % 10, Priority.NORMAL, 0), Duration.ZERO);
      oneByOne.startClaimed(recorder, work(1000 + id, 2, 99, Priority.NORMAL, 0), Duration.ZERO);
    }
    recorder.gate.countDown();
    assertThat(oneByOne.awaitIdle(Duration.ofSeconds(20))).isTrue();
    assertThat(order.subList(0, 100).stream().filter(lane -> lane == 99).count())
        .isBetween(48L, 52L);
  }

  /** E3: what starts too late is given back, and its lane has had its turn for nothing. */
  @Test
  void aLaneTakesWhatItCanStartBesideTheOthersAtWork() {
    Dispatcher wide = dispatcher(8, 8);
    JobHandler<String> slow =
        new Runs(job -> {
          wide.called(job, Duration.ofMillis(100));
          wide.done(job);
        });
    assertThat(wide.reserve(7, 1)).isTrue(); // so that the lane is not forgotten
    for (long id = 0; id < 8; id++) {
      wide.startClaimed(slow, new JobHandler.Work<>(job(id, 7), ""), Duration.ZERO);
    }
    Eventually.value(wide::claimed, it -> it == 1);
    Eventually.value(wide::running, it -> it == 0);
    // Eight places, and in each the thirty that follow one another within three seconds; one is
    // reserved.
    assertThat(reserved(wide, 7)).as("alone").isEqualTo(8 + 8 * 30 - 1);
    assertThat(wide.narrowLanes()).doesNotContainKey(7L);
    CountDownLatch gate = new CountDownLatch(1);
    for (long lane = 101; lane <= 108; lane++) {
      wide.startClaimed(
          new Runs(job -> Eventually.opened(gate)),
          work(lane, lane, lane, Priority.NORMAL, 0),
          Duration.ZERO);
    }
    Eventually.value(wide::running, it -> it == 8);
    // One of eight, and thirty.
    assertThat(reserved(wide, 7)).as("beside eight others at work").isEqualTo(1 + 30 - 1);
    assertThat(wide.share()).isEqualTo(1);
    gate.countDown();
    Eventually.value(wide::running, it -> it == 0);
    assertThat(wide.share()).as("places that nobody uses are anyone's").isEqualTo(8);
  }

  /** Senders at a server of its own that says nothing had all places for a minute. */
  @Test
  void slowLanesOfOneApplicationLeavePlacesToOthers() {
    Dispatcher wide = dispatcher(64, 32);
    CountDownLatch gate = allSlowPlacesAreTaken(wide, 200);
    CountDownLatch ran = new CountDownLatch(1);
    wide.startClaimed(
        new Runs(_ -> ran.countDown()), work(1000, 2, 99, Priority.NORMAL, 0), Duration.ZERO);
    Eventually.opened(ran);
    gate.countDown();
    Eventually.value(wide::running, it -> it == 0);
  }

  /** By so many of its tasks; those that run end when the gate opens. */
  private static CountDownLatch allSlowPlacesAreTaken(Dispatcher wide, int tasks) {
    CountDownLatch gate = new CountDownLatch(1);
    JobHandler<String> silent = new Runs(job -> Eventually.opened(gate));
    for (long id = 0; id < tasks; id++) {
      wide.startClaimed(silent, work(id, 1, id % 8, Priority.NORMAL, 0), Duration.ZERO);
    }
    assertThat(wide.running()).isEqualTo(48);
    return gate;
  }

  /** Where all its slow places are taken, only what must go back may have a turn. */
  @Test
  void whatIsTooLateLetsNothingElseOfItsLaneStart() {
    Duration startWithin = Duration.ofMillis(300);
    Dispatcher wide = dispatcher(64, 32, startWithin);
    CountDownLatch gate = allSlowPlacesAreTaken(wide, 48);
    CountDownLatch wentBack = new CountDownLatch(1);
    wide.startClaimed(
        new Runs(_ -> wentBack.countDown()), work(100, 1, 50, Priority.LOW, 0), Duration.ZERO);
    long notBefore = System.nanoTime() + startWithin.toNanos();
    while (System.nanoTime() < notBefore) {
      LockSupport.parkNanos(notBefore - System.nanoTime());
    }
    AtomicBoolean urgentStarted = new AtomicBoolean();
    wide.startClaimed(
        new Runs(_ -> urgentStarted.set(true)),
        // However long this takes, it is not too late itself.
        work(101, 1, 50, Priority.URGENT, 0, System.nanoTime() + Duration.ofHours(1).toNanos()),
        Duration.ZERO);
    Eventually.value(
        () -> {
          wide.sendBackLate();
          return wentBack.getCount();
        },
        it -> it == 0);
    Eventually.value(wide::running, it -> it == 48);
    assertThat(urgentStarted).isFalse();
    gate.countDown();
    Eventually.value(wide::running, it -> it == 0);
  }

  /** Two quick senders with a backlog have all places, one after the other: so has the third. */
  @Test
  void quickLanesDoNotHoldUpANewOne() {
    Dispatcher busy = dispatcher(8, 8);
    AtomicBoolean on = new AtomicBoolean(true);
    AtomicLong ids = new AtomicLong(1000);
    AtomicReference<JobHandler<String>> again = new AtomicReference<>();
    JobHandler<String> quick =
        new Runs(job -> {
          busy.called(job, Duration.ofMillis(1));
          if (on.get()) {
            busy.startClaimed(
                again.get(),
                work(ids.incrementAndGet(), 1, job.lane(), Priority.NORMAL, 0),
                Duration.ZERO);
          }
          busy.done(job);
        });
    again.set(quick);
    for (long id = 0; id < 40; id++) {
      busy.startClaimed(quick, work(id, 1, id % 2, Priority.NORMAL, 0), Duration.ZERO);
    }
    CountDownLatch ran = new CountDownLatch(1);
    busy.startClaimed(
        new Runs(_ -> ran.countDown()), work(999, 1, 7, Priority.NORMAL, 0), Duration.ZERO);
    Eventually.opened(ran);
    on.set(false);
    Eventually.value(busy::running, it -> it == 0);
  }

  /** What is given back as too late is no turn: a queue that was too long comes to its end. */
  @Test
  void whatComesTooLateTakesNoTurn() {
    List<Long> started = Collections.synchronizedList(new ArrayList<>());
    JobHandler<String> handler = new Runs(job -> started.add(job.id()));
    CountDownLatch gate = new CountDownLatch(1);
    Dispatcher single = dispatcher(1, 1);
    single.startClaimed(
        new Runs(job -> Eventually.opened(gate)),
        new JobHandler.Work<>(job(1, 9), ""),
        Duration.ZERO);
    long old = System.nanoTime() - Duration.ofSeconds(10).toNanos();
    for (long id = 2; id <= 3; id++) {
      single.startClaimed(handler, new JobHandler.Work<>(job(id, 1, old), ""), Duration.ZERO);
    }
    single.startClaimed(handler, new JobHandler.Work<>(job(4, 1), ""), Duration.ZERO);
    single.startClaimed(handler, new JobHandler.Work<>(job(5, 2), ""), Duration.ZERO);
    gate.countDown();
    assertThat(Eventually.value(() -> List.copyOf(started), it -> it.size() == 4))
        .containsExactly(2L, 3L, 4L, 5L);
  }

  /** A lane is asked for more when it is half empty, or has places to run and nothing for them. */
  @Test
  void aLaneThatHasEnoughInHandGivesNothing() {
    Dispatcher wide = dispatcher(8, 8);
    // Six of the eight places, as nobody knows how long its calls take; and eight that wait.
    for (int i = 0; i < 6; i++) {
      assertThat(wide.reserve(7, 1)).isTrue();
    }
    assertThat(wide.narrowLanes()).as("room for eight more").doesNotContainKey(7L);
    assertThat(wide.reserve(7, 1)).isTrue();
    assertThat(wide.reserve(7, 1)).isTrue();
    assertThat(wide.narrowLanes()).as("six of fourteen are free").containsEntry(7L, Narrow.FULL);
  }

  private static int reserved(Dispatcher wide, long lane) {
    int more = 0;
    while (wide.reserve(lane, 1)) {
      more++;
    }
    for (int i = 0; i < more; i++) {
      wide.unreserve(lane);
    }
    return more;
  }

  @Test
  void aLaneThatIsPausedTakesNothing() {
    dispatcher.pause(7, Duration.ofMinutes(1));
    assertThat(dispatcher.reserve(7, 1)).isFalse();
    assertThat(dispatcher.reserve(8, 1)).isTrue();
    assertThat(dispatcher.narrowLanes()).containsEntry(7L, Narrow.CLOSED);
    assertThat(dispatcher.pausedFor(7)).isPositive();
    dispatcher.unreserve(8);
    assertThat(dispatcher.claimed()).isZero();
  }

  /** What was under way when the pause began says nothing of the time after it. */
  @Test
  void aSuccessDuringThePauseOpensNothing() {
    dispatcher.pause(7, Duration.ofMillis(100));
    dispatcher.succeeded(7);
    Eventually.value(() -> dispatcher.pausedFor(7), Duration::isZero);
    assertThat(dispatcher.narrowLanes()).containsEntry(7L, Narrow.PROBE);
  }

  /** A provider that was down gets one call, then two, then four: not a crowd at once. */
  @Test
  void aLaneComesBackFromAPauseByDoubling() {
    dispatcher.pause(7, Duration.ZERO);
    assertThat(dispatcher.narrowLanes()).containsEntry(7L, Narrow.PROBE);
    assertThat(dispatcher.reserve(7, 1)).isTrue();
    assertThat(dispatcher.reserve(7, 1)).as("one at a time").isFalse();
    assertThat(dispatcher.narrowLanes()).containsEntry(7L, Narrow.FULL);
    dispatcher.unreserve(7);
    dispatcher.succeeded(7);
    assertThat(dispatcher.narrowLanes()).as("two may run: all there is").doesNotContainKey(7L);
    Dispatcher wide = dispatcher(64, 32);
    wide.pause(7, Duration.ZERO);
    wide.succeeded(7);
    wide.succeeded(7);
    assertThat(wide.narrowLanes()).containsEntry(7L, Narrow.to(4));
  }

  /** C10: three calls that hang for their minute, and one no, held up their sender for as long. */
  @Test
  void whatHangsFromBeforeAPauseTakesNoPlaceOfAProbe() {
    Dispatcher wide = dispatcher(64, 4);
    CountDownLatch gate = new CountDownLatch(1);
    JobHandler<String> silent = new Runs(job -> Eventually.opened(gate));
    for (long id = 0; id < 3; id++) {
      wide.startClaimed(silent, work(id, 1, 7, Priority.NORMAL, 0), Duration.ZERO);
    }
    wide.pause(7, Duration.ZERO);
    assertThat(wide.narrowLanes()).containsEntry(7L, Narrow.PROBE);
    CountDownLatch probed = new CountDownLatch(1);
    wide.startClaimed(
        new Runs(_ -> {
          probed.countDown();
          Eventually.opened(gate);
        }),
        work(10, 1, 7, Priority.NORMAL, 0),
        Duration.ZERO);
    Eventually.opened(probed);
    wide.succeeded(7);
    assertThat(wide.reserve(7, 1))
        .as("two may run, but for those four there is no place")
        .isFalse();
    gate.countDown();
    Eventually.value(wide::running, it -> it == 0);
    assertThat(wide.reserve(7, 1)).isTrue();
    assertThat(wide.reserve(7, 1)).isTrue();
    assertThat(wide.reserve(7, 1)).as("those from before are not counted twice").isFalse();
  }

  /** However many hang: there is always the one that finds out. */
  @Test
  void aProbeGoesBesideAnyNumberThatHangs() {
    Dispatcher wide = dispatcher(64, 32);
    CountDownLatch gate = new CountDownLatch(1);
    JobHandler<String> silent = new Runs(job -> Eventually.opened(gate));
    for (long id = 0; id < 20; id++) {
      wide.startClaimed(silent, work(id, 1, 7, Priority.NORMAL, 0), Duration.ZERO);
    }
    wide.called(job(0, 7), Duration.ofMinutes(1));
    wide.pause(7, Duration.ZERO);
    assertThat(wide.narrowLanes()).as("a slow lane has eight").containsEntry(7L, Narrow.PROBE);
    CountDownLatch probed = new CountDownLatch(1);
    wide.startClaimed(
        new Runs(_ -> probed.countDown()), work(99, 1, 7, Priority.NORMAL, 0), Duration.ZERO);
    Eventually.opened(probed);
    gate.countDown();
    Eventually.value(wide::running, it -> it == 0);
  }

  /** C10: what is kept behind one that hangs takes no place, of a probe or of anybody. */
  @Test
  void whatIsKeptInItsOrderHoldsUpNobodyElse() {
    Dispatcher wide = dispatcher(64, 32);
    CountDownLatch gate = new CountDownLatch(1);
    JobHandler<String> silent = new Runs(job -> Eventually.opened(gate));
    for (long id = 1; id <= 30; id++) {
      wide.startClaimed(silent, work(id, 1, 7, Priority.NORMAL, 77), Duration.ZERO);
    }
    assertThat(wide.running()).isEqualTo(1);
    assertThat(wide.narrowLanes()).doesNotContainEntry(7L, Narrow.FULL);
    assertThat(wide.reserve(7, 1)).as("thirty-one more may run").isTrue();
    wide.unreserve(7);
    wide.pause(7, Duration.ZERO);
    assertThat(wide.narrowLanes()).containsEntry(7L, Narrow.PROBE);
    gate.countDown();
    Eventually.value(wide::running, it -> it == 0);
  }

  /** Where calls are slow, what is kept would fill the node with one order. */
  @Test
  void noMoreIsKeptThanAPaceLetsStart() {
    Dispatcher wide = dispatcher(64, 32);
    CountDownLatch gate = new CountDownLatch(1);
    JobHandler<String> silent = new Runs(job -> Eventually.opened(gate));
    assertThat(wide.reserve(7, 1)).isTrue();
    wide.called(job(0, 7), Duration.ofSeconds(5));
    for (long id = 1; id <= 100; id++) {
      wide.startClaimed(silent, work(id, 1, 7, Priority.NORMAL, 77), Duration.ZERO);
    }
    assertThat(wide.narrowLanes()).containsEntry(7L, Narrow.FULL);
    gate.countDown();
    Eventually.value(wide::running, it -> it == 0);
  }

  /** C10: however many hang from before, what has come back goes on. */
  @Test
  void aLaneThatHasComeBackGoesOnBesideWhatHangs() {
    Dispatcher wide = dispatcher(64, 32);
    CountDownLatch gate = new CountDownLatch(1);
    JobHandler<String> silent = new Runs(job -> Eventually.opened(gate));
    for (long id = 0; id < 31; id++) {
      wide.startClaimed(silent, work(id, 1, 7, Priority.NORMAL, 0), Duration.ZERO);
    }
    wide.pause(7, Duration.ZERO);
    for (long id = 100; id < 110; id++) {
      CountDownLatch ran = new CountDownLatch(1);
      wide.startClaimed(
          new Runs(job -> {
            wide.called(job, Duration.ofMillis(1));
            wide.succeeded(7);
            wide.done(job);
            ran.countDown();
          }),
          work(id, 1, 7, Priority.NORMAL, 0),
          Duration.ZERO);
      Eventually.opened(ran);
    }
    gate.countDown();
    Eventually.value(wide::running, it -> it == 0);
    Eventually.value(
        () -> {
          wide.succeeded(7);
          return wide.narrowLanes();
        },
        Map::isEmpty);
  }

  /** Others' comings and goings do not make it look as if there were room. */
  @Test
  void anApplicationIsFullWhateverOthersDo() {
    Dispatcher wide = dispatcher(64, 32);
    wide.pause(100, Duration.ZERO);
    CountDownLatch gate = allSlowPlacesAreTaken(wide, 60);
    CountDownLatch others = new CountDownLatch(1);
    for (long id = 200; id < 212; id++) {
      wide.startClaimed(
          new Runs(job -> Eventually.opened(others)),
          work(id, 2, 99, Priority.NORMAL, 0),
          Duration.ZERO);
    }
    others.countDown();
    Eventually.value(wide::running, it -> it == 48);
    Narrows narrows = wide.narrows(Set.of(), true);
    assertThat(narrows.fullApps()).containsExactly(1L);
    assertThat(narrows.of(500, 1, 32)).isZero();
    assertThat(narrows.of(100, 1, 32)).as("one that comes back").isZero();
    assertThat(wide.reserve(100, 1)).isFalse();
    gate.countDown();
    Eventually.value(wide::running, it -> it == 0);
  }

  /** What was quick, and of which nothing comes any more, is as slow as that. */
  @Test
  void silenceMakesALaneSlow() {
    Duration startWithin = Duration.ofMillis(400);
    Dispatcher wide = dispatcher(64, 32, startWithin);
    assertThat(wide.reserve(70, 1)).isTrue();
    wide.called(job(0, 70), Duration.ofMillis(1));
    CountDownLatch gate = allSlowPlacesAreTaken(wide, 48);
    CountDownLatch silent = new CountDownLatch(1);
    wide.startClaimed(
        new Runs(job -> Eventually.opened(silent)),
        work(100, 1, 70, Priority.NORMAL, 0),
        Duration.ZERO);
    assertThat(wide.narrows(Set.of(), true).isFull(70, 1)).as("a quick one needs none").isFalse();
    Eventually.value(
        () -> {
          wide.sendBackLate();
          return wide.narrows(Set.of(), true).isFull(70, 1);
        },
        it -> it);
    silent.countDown();
    gate.countDown();
    Eventually.value(wide::running, it -> it == 0);
  }

  /** Two quick senders whose server falls silent would have all there is, for as long as that. */
  @Test
  void whatWasQuickAndFallsSilentLeavesPlacesToOthers() {
    Dispatcher wide = dispatcher(16, 12);
    CountDownLatch gate = new CountDownLatch(1);
    JobHandler<String> silent = new Runs(job -> Eventually.opened(gate));
    for (long lane = 1; lane <= 2; lane++) {
      assertThat(wide.reserve(lane, 1)).isTrue();
      wide.called(job(0, lane), Duration.ofMillis(100));
      for (long id = 0; id < 20; id++) {
        wide.startClaimed(
            silent, work(lane * 100 + id, 1, lane, Priority.NORMAL, 0), Duration.ZERO);
      }
    }
    for (long id = 0; id < 4; id++) {
      wide.startClaimed(silent, work(500 + id, 1, 4, Priority.NORMAL, 0), Duration.ZERO);
    }
    assertThat(wide.running()).as("of whatever kind they are").isEqualTo(14);
    CountDownLatch ran = new CountDownLatch(1);
    wide.startClaimed(
        new Runs(_ -> ran.countDown()), work(999, 2, 3, Priority.NORMAL, 0), Duration.ZERO);
    Eventually.opened(ran);
    gate.countDown();
    Eventually.value(wide::running, it -> it == 0);
  }

  /** What only asks our own database needs none of the places for calls. */
  @Test
  void whatCallsNobodyGoesBesideAnApplicationsCallsThatHang() {
    Dispatcher wide = dispatcher(64, 32);
    CountDownLatch gate = allSlowPlacesAreTaken(wide, 60);
    assertThat(wide.narrows(Set.of(), true).fullApps()).containsExactly(1L);
    assertThat(wide.narrows(Set.of(), false).fullApps()).as("what calls nobody").isEmpty();
    assertThat(wide.reserve(500, 1)).as("what could not start").isFalse();
    assertThat(wide.reserve(501, 2)).isTrue();
    CountDownLatch ran = new CountDownLatch(1);
    JobHandler<String> own =
        new Recorder() {
          @Override
          public boolean mayTakeLong() {
            return false;
          }

          @Override
          public void run(Work<String> work) {
            ran.countDown();
          }
        };
    wide.startClaimed(own, work(999, 1, -1, Priority.NORMAL, 0), Duration.ZERO);
    Eventually.opened(ran);
    gate.countDown();
    Eventually.value(wide::running, it -> it == 0);
    assertThat(wide.narrows(Set.of(), true).fullApps()).isEmpty();
  }

  /** C10: a lane that was listed, and whose work went back, has none when its turn comes. */
  @Test
  void whatWentBackIsNotTakenForThere() {
    Dispatcher narrow = dispatcher(2, 1, Duration.ofMillis(300));
    CountDownLatch gate = new CountDownLatch(1);
    JobHandler<String> silent =
        new Runs(job -> {
          Eventually.opened(gate);
          narrow.done(job);
        });
    JobHandler<String> done = new Runs(narrow::done);
    narrow.startClaimed(silent, work(1, 1, 1, Priority.NORMAL, 0), Duration.ZERO);
    narrow.startClaimed(silent, work(2, 2, 2, Priority.NORMAL, 0), Duration.ZERO);
    narrow.startClaimed(done, work(3, 3, 3, Priority.NORMAL, 0), Duration.ZERO);
    narrow.startClaimed(done, work(4, 4, 4, Priority.NORMAL, 0), Duration.ZERO);
    Eventually.value(
        () -> {
          narrow.sendBackLate();
          return narrow.claimed();
        },
        it -> it == 2);
    gate.countDown();
    assertThat(narrow.awaitIdle(Duration.ofSeconds(10))).isTrue();
    CountDownLatch ran = new CountDownLatch(1);
    narrow.startClaimed(
        new Runs(_ -> ran.countDown()), work(5, 3, 3, Priority.NORMAL, 0), Duration.ZERO);
    Eventually.opened(ran);
  }

  /** C10: what waited behind calls that hang lost its lease, as if the node had died. */
  @Test
  void whatWaitsBehindCallsThatHangGoesBackInTime() {
    Duration startWithin = Duration.ofMillis(300);
    Dispatcher narrow = dispatcher(2, 1, startWithin);
    CountDownLatch gate = new CountDownLatch(1);
    JobHandler<String> silent = new Runs(job -> Eventually.opened(gate));
    narrow.startClaimed(silent, work(1, 1, 1, Priority.NORMAL, 0), Duration.ZERO);
    narrow.startClaimed(silent, work(2, 1, 2, Priority.NORMAL, 77), Duration.ZERO);
    List<Long> back = Collections.synchronizedList(new ArrayList<>());
    JobHandler<String> late =
        new Runs(job -> {
          if (narrow.isTooLate(job)) {
            back.add(job.id());
            narrow.givenBack(job);
          }
          narrow.done(job);
        });
    narrow.startClaimed(late, work(11, 1, 1, Priority.LOW, 0), Duration.ZERO);
    narrow.startClaimed(late, work(12, 1, 1, Priority.NORMAL, 0), Duration.ZERO);
    narrow.startClaimed(late, work(13, 1, 2, Priority.NORMAL, 77), Duration.ZERO);
    narrow.startClaimed(late, work(14, 1, 3, Priority.NORMAL, 0), Duration.ZERO);
    Eventually.value(
        () -> {
          narrow.sendBackLate();
          return List.copyOf(back);
        },
        it -> it.size() == 4);
    assertThat(back).containsExactlyInAnyOrder(11L, 12L, 13L, 14L);
    Eventually.value(narrow::claimed, it -> it == 2);
    gate.countDown();
    Eventually.value(narrow::running, it -> it == 0);
  }

  /** A5: what was delivered a moment ago must not be counted as crashed by the one after it. */
  @Test
  void aSuspectStartsOnlyWhenTheOneBeforeItIsWrittenDown() {
    Dispatcher wide = dispatcher(8, 8);
    List<Job> started = Collections.synchronizedList(new ArrayList<>());
    for (long id = 1; id <= 3; id++) {
      wide.startClaimed(
          new Runs(started::add), new JobHandler.Work<>(suspect(id), ""), Duration.ZERO);
    }
    for (int i = 1; i <= 3; i++) {
      int expected = i;
      Eventually.value(started::size, it -> it == expected);
      Eventually.value(wide::running, it -> it == 0);
      assertThat(started).as("its run is over, its end not durable").hasSize(expected);
      wide.done(started.getLast());
    }
    assertThat(wide.claimed()).isZero();
  }

  private static Job suspect(long id) {
    return new Job(
        "deliver", id, 1, id, Priority.NORMAL, 0, 3, 0, 2, true, 100 + id, Instant.EPOCH, 0);
  }
}
