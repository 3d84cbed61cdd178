package dev.postrider.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.app.AppId;
import dev.postrider.event.Event;
import dev.postrider.event.EventStore;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FeedTest {
  private static final LiveSettings SETTINGS =
      new LiveSettings(
          10, 8, List.of(), Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(30));

  private static final TestDatabase DATABASE = TestDatabase.migrated();
  private final EventStore events = new EventStore(DATABASE.jdbc());
  private final Feed feed = new Feed(events, SETTINGS);

  @BeforeEach
  void empty() {
    DATABASE.jdbc().sql("truncate event_heads, event_batches").update();
  }

  private static void append(int count) {
    DATABASE
        .jdbc()
        .sql(
            """
            with head as (
              insert into event_heads as h (app_id, last_seq) values (7, :count)
              on conflict (app_id) do update set last_seq = h.last_seq + :count
              returning last_seq
            )
            insert into event_batches (app_id, last_seq, first_seq, at, events)
            select 7, last_seq, last_seq - :count + 1, now(),
                   (select jsonb_agg('["message.sent","2026-11-25T12:00:00Z",1,1,"sent","pending",null]'::jsonb)
                      from generate_series(1, :count))
              from head
            """)
        .param("count", count)
        .update();
  }

  /** A thousand applications that somebody listens to must fit into a node. */
  @Test
  void aTailLetsGoOfWhatTheLogKeeps() {
    append(200);
    Tail tail = new Tail(0);
    tail.add(events.after(new AppId(7), 0, 200));
    tail.keep(50);
    assertThat(tail.after(150, 100)).hasSize(50);
    assertThat(tail.after(149, 100)).as("reads the log").isNull();
    assertThat(tail.after(200, 100)).isEmpty();
    assertThat(tail.after(150, 20)).as("as much as somebody may keep").hasSize(20);
    tail.keep(50);
    assertThat(tail.after(150, 100)).hasSize(50);
  }

  private List<Long> listen(long after) {
    return listen(feed, after);
  }

  private static List<Long> listen(Feed feed, long after) {
    List<Long> seqs = new CopyOnWriteArrayList<>();
    feed.add(connection(feed, after, seqs, new CopyOnWriteArrayList<>()));
    return seqs;
  }

  private static Connection connection(
      Feed feed, long after, List<Long> seqs, List<Integer> closed) {
    return new Connection(
        new Subscription(new AppId(7), after, null, Set.of(), null),
        new Wire(frame -> seqs.add(frame.event().seq()), _ -> true, (code, _) -> closed.add(code)),
        feed);
  }

  /** Whoever is on its way in when the goodbyes are said gets one, too. */
  @Test
  void aNodeThatStopsSaysGoodbyeToAll() {
    List<Integer> closed = new CopyOnWriteArrayList<>();
    feed.add(connection(feed, 0, new CopyOnWriteArrayList<>(), closed));
    feed.close();
    assertThat(closed).containsExactly(1012);
    assertThat(feed.isClosed()).isTrue();
    feed.add(connection(feed, 0, new CopyOnWriteArrayList<>(), closed));
    Eventually.value(() -> closed, it -> it.equals(List.of(1012, 1012)));
    assertThat(feed.size()).isZero();
  }

  /** All were let in before one of them was counted. */
  @Test
  void ofThoseWhoComeAtOnceNoMoreStayThanMay() throws InterruptedException {
    List<Integer> closed = new CopyOnWriteArrayList<>();
    List<Thread> arrivals =
        IntStream.range(0, 30)
            .mapToObj(_ ->
                Thread.ofVirtual()
                    .start(
                        () -> feed.add(connection(feed, 0, new CopyOnWriteArrayList<>(), closed))))
            .toList();
    for (Thread arrival : arrivals) {
      arrival.join();
    }
    assertThat(feed.size()).isLessThanOrEqualTo(8);
    Eventually.value(closed::size, it -> it == 30 - feed.size());
    assertThat(closed).containsOnly(Connection.TRY_AGAIN_LATER);
  }

  /** A reader that takes a long list slowly is there all the same, and is asked meanwhile. */
  @Test
  void whoTakesALongListIsPingedMeanwhile() {
    append(60);
    List<Long> pinged = new CopyOnWriteArrayList<>();
    AtomicReference<Connection> self = new AtomicReference<>();
    List<Long> seqs = new CopyOnWriteArrayList<>();
    Connection reader =
        new Connection(
            new Subscription(new AppId(7), 0, null, Set.of(), null),
            new Wire(
                frame -> {
                  seqs.add(frame.event().seq());
                  if (frame.event().seq() == 30) {
                    Objects.requireNonNull(self.get()).ping();
                  }
                },
                pinged::add,
                (_, _) -> {}),
            feed);
    self.set(reader);
    feed.add(reader);
    awaitAll(seqs, 1, 60);
    assertThat(pinged).containsExactly(0L, 30L);
  }

  /** It had read the news of one application when it could not read the other's. */
  @Test
  void aRoundThatFailsDelaysNobodysNews() {
    AtomicBoolean fails = new AtomicBoolean();
    Feed shaky =
        new Feed(
            new EventStore(DATABASE.jdbc()) {
              @Override
              public Map<Long, Long> newest(Map<Long, Long> seen) {
                Map<Long, Long> newest = new HashMap<>(super.newest(seen));
                if (fails.get()) {
                  newest.put(8L, 1L);
                }
                return newest;
              }

              @Override
              public List<Event> after(AppId app, long seq, int limit) {
                if (app.value() == 8 && fails.get()) {
                  throw new IllegalStateException("no connection");
                }
                return super.after(app, seq, limit);
              }
            },
            SETTINGS);
    List<Long> seqs = listen(shaky, 0);
    shaky.add(
        new Connection(
            new Subscription(new AppId(8), 0, null, Set.of(), null),
            new Wire(_ -> {}, _ -> true, (_, _) -> {}),
            shaky));
    shaky.runOnce();
    append(1);
    fails.set(true);
    assertThatThrownBy(shaky::runOnce).hasMessage("no connection");
    fails.set(false);
    Eventually.value(
        () -> {
          shaky.runOnce();
          return seqs.size();
        },
        it -> it == 1);
  }

  private static void awaitAll(List<Long> seqs, long first, long last) {
    Eventually.value(seqs::size, it -> it >= last - first + 1);
    assertThat(seqs).isEqualTo(LongStream.rangeClosed(first, last).boxed().toList());
  }

  /** What happens between two looks at the log must not be taken for read by the one who waits. */
  @Test
  void whoeverComesLaterTakesNothingFromOthers() {
    append(150);
    List<Long> one = listen(150);
    feed.runOnce();
    append(50);
    List<Long> later = listen(200);
    List<Long> catchingUp = listen(0);
    feed.runOnce();
    awaitAll(one, 151, 200);
    append(1);
    feed.runOnce();
    awaitAll(one, 151, 201);
    awaitAll(later, 201, 201);
    awaitAll(catchingUp, 1, 201);
  }

  @Test
  void aLongLogIsReadInPages() {
    List<Long> one = listen(0);
    feed.runOnce();
    append(1700);
    assertThat(feed.runOnce()).as("there is more").isPositive();
    feed.runOnce();
    feed.runOnce();
    feed.runOnce();
    awaitAll(one, 1, 1700);
  }

  /** A reader that catches up reads the log itself; that it cannot once is not its fault. */
  @Test
  void nobodyIsDroppedBecauseTheLogCannotBeRead() {
    append(30);
    AtomicInteger fails = new AtomicInteger(2);
    Feed shaky =
        new Feed(
            new EventStore(DATABASE.jdbc()) {
              @Override
              public List<Event> after(AppId app, long seq, int limit) {
                if (fails.getAndDecrement() > 0) {
                  throw new IllegalStateException("no connection");
                }
                return super.after(app, seq, limit);
              }
            },
            SETTINGS);
    List<Long> seqs = listen(shaky, 0);
    Eventually.value(
        () -> {
          shaky.runOnce();
          return seqs.size();
        },
        it -> it == 30);
    assertThat(shaky.size()).isEqualTo(1);
  }
}
