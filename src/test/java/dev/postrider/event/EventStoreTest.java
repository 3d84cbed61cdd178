package dev.postrider.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.campaign.Seed;
import dev.postrider.platform.database.Transactions;
import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventStoreTest {
  private static final TestDatabase DATABASE = TestDatabase.migrated();
  private static final AppId APP = new AppId(7);
  private final EventStore store = new EventStore(DATABASE.jdbc());
  private final Transactions transactions = DATABASE.transactions();

  @BeforeEach
  void empty() {
    DATABASE.jdbc().sql("truncate event_heads, event_batches").update();
  }

  private static EventStore.Draft draft(long subject) {
    return new EventStore.Draft(
        EventType.SENT,
        Instant.parse("2026-11-25T12:00:00Z"),
        subject,
        3L,
        "sent",
        "pending",
        null);
  }

  private void append(long app, int count) {
    TreeMap<Long, List<EventStore.Draft>> byApp = new TreeMap<>();
    byApp.put(app, IntStream.range(0, count).mapToObj(i -> draft(100L + i)).toList());
    store.append(byApp);
  }

  @Test
  void whatIsNotKnownMayLookLikeAnything() {
    append(APP.value(), 2);
    DATABASE
        .jdbc()
        .sql(
            """
            update event_batches
               set events = (jsonb_build_array(events::jsonb -> 0)
                             || '[["message.teleported", 5, {"to": ["a"]}, "x"]]')::text
            """)
        .update();
    assertThat(seqs(store.after(APP, 0, 100))).containsExactly(1L);
  }

  /** While versions change, a newer node writes what this one does not know yet. */
  @Test
  void whatIsNotKnownYetIsNotPassedOver() {
    append(APP.value(), 3);
    append(APP.value(), 2);
    DATABASE
        .jdbc()
        .sql(
            """
            update event_batches set events = replace(events, 'message.sent', 'message.teleported')
             where app_id = :app and first_seq = 4
            """)
        .param("app", APP.value())
        .update();
    append(APP.value(), 2);
    assertThat(seqs(store.after(APP, 0, 100))).containsExactly(1L, 2L, 3L);
    assertThat(store.after(APP, 3, 100)).isEmpty();
    assertThat(seqs(store.after(APP, 5, 100))).containsExactly(6L, 7L);
  }

  private static List<Long> seqs(List<Event> events) {
    return events.stream().map(Event::seq).toList();
  }

  /** Transactions of many applications, some of which fail: no gaps, and nobody waits for ever. */
  @Test
  void numbersHaveNoGapsWhateverIsRolledBack() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Random random = new Random(Seed.value() + t);
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int i = 0; i < 50; i++) {
                  commitOrNot(random);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (long app = 1; app <= 3; app++) {
      long newest = store.extent(new AppId(app)).newest();
      assertThat(newest).isPositive();
      assertThat(seqs(store.after(new AppId(app), 0, 100_000)))
          .as("seed %s", Seed.value())
          .isEqualTo(LongStream.rangeClosed(1, newest).boxed().toList());
    }
  }

  private void commitOrNot(Random random) {
    boolean fails = random.nextInt(4) == 0;
    try {
      transactions.run(() -> {
        TreeMap<Long, List<EventStore.Draft>> byApp = new TreeMap<>();
        for (long app = 1; app <= 3; app++) {
          int count = random.nextInt(4);
          if (count > 0) {
            byApp.put(app, IntStream.range(0, count).mapToObj(EventStoreTest::draft).toList());
          }
        }
        if (!byApp.isEmpty()) {
          store.append(byApp);
        }
        if (fails) {
          throw new IllegalStateException("after all, no");
        }
      });
    } catch (IllegalStateException e) {
      assertThat(fails).isTrue();
    }
  }

  @Test
  void whatWasWrittenIsRead() {
    append(APP.value(), 3);
    append(APP.value(), 2);
    append(8, 1);
    List<Event> all = store.after(APP, 0, 10);
    assertThat(seqs(all)).containsExactly(1L, 2L, 3L, 4L, 5L);
    Event fourth = all.get(3);
    assertThat(fourth)
        .isEqualTo(
            new Event(
                APP,
                4,
                EventType.SENT,
                Instant.parse("2026-11-25T12:00:00Z"),
                100,
                3L,
                "sent",
                "pending",
                null));
    assertThat(fourth.id()).isEqualTo("evt_7_4");
    assertThat(seqs(store.after(APP, 1, 3))).containsExactly(2L, 3L, 4L);
    assertThat(store.after(APP, 5, 3)).isEmpty();
    assertThat(store.newest(java.util.Map.of(7L, 4L, 8L, 1L)))
        .containsExactlyEntriesOf(java.util.Map.of(7L, 5L));
  }

  @Test
  void whatIsTooOldIsGoneAndTheRestKeepsItsNumbers() {
    append(APP.value(), 3);
    DATABASE.jdbc().sql("update event_batches set at = now() - interval '8 days'").update();
    append(APP.value(), 2);
    assertThat(store.forget(Duration.ofDays(7), 100)).isEqualTo(1);
    assertThat(seqs(store.after(APP, 0, 10))).containsExactly(4L, 5L);
    assertThat(store.extent(APP)).isEqualTo(new EventStore.Extent(4, 5));
    assertThat(store.extent(new AppId(99))).isEqualTo(new EventStore.Extent(1, 0));
  }

  /** With the wrong bound each reading went to the end of the log. */
  @Test
  void readingALittleOfALongLogReadsNoMoreThanThat() {
    DATABASE
        .jdbc()
        .sql(
            """
            insert into event_batches (app_id, last_seq, first_seq, at, events)
            select 7, g * 2, g * 2 - 1, now(),
                   '[["message.sent","2026-11-25T12:00:00Z",1,1,"sent","pending",null],'
                   || '["message.sent","2026-11-25T12:00:00Z",2,1,"sent","pending",null]]'
              from generate_series(1, 50000) g
            """)
        .update();
    DATABASE.jdbc().sql("vacuum analyze event_batches").update();
    long read =
        DATABASE.rowsRead(
            "event_batches",
            connection ->
                assertThat(seqs(new EventStore(connection).after(APP, 50_001, 20)))
                    .isEqualTo(LongStream.rangeClosed(50_002, 50_021).boxed().toList()));
    assertThat(read).as("rows read for twenty events").isLessThan(40);
  }
}
