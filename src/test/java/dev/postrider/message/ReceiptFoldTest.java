package dev.postrider.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.channel.Receipt;
import dev.postrider.testing.TestDatabase;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Receipts folded in every order, each once or twice, before and after the hand-off, end in the
 * same status: that of the highest among them.
 */
class ReceiptFoldTest {
  private static final JdbcClient JDBC = TestDatabase.migrated().oneConnection();
  private static final ProgressStore PROGRESS = new ProgressStore(JDBC);
  private static final AppId APP = new AppId(1);
  private static long lastId;

  private static final List<Receipt.Kind> KINDS = List.of(Receipt.Kind.values());

  /** The hand-off is one more thing that happens among the receipts, by their place in the list. */
  private static final int HAND_OFF = KINDS.size();

  @Test
  void everyOrderOfEverySetEndsTheSame() {
    Set<List<Integer>> orders = new LinkedHashSet<>();
    for (int set = 1; set < 1 << KINDS.size(); set++) {
      List<Integer> events = new ArrayList<>(List.of(HAND_OFF));
      for (Receipt.Kind kind : KINDS) {
        if (has(set, kind)) {
          events.add(KINDS.indexOf(kind));
        }
      }
      for (int twice : List.copyOf(events.subList(1, events.size()))) {
        List<Integer> all = new ArrayList<>(events);
        all.add(twice);
        permute(all, 0, orders);
      }
    }
    List<List<Integer>> all = List.copyOf(orders);
    List<String> ends = playAll(all);
    for (int i = 0; i < all.size(); i++) {
      assertThat(ends.get(i)).as("%s", all.get(i)).isEqualTo(end(all.get(i)));
    }
  }

  /** Where these end. */
  private static String end(List<Integer> order) {
    if (order.contains(KINDS.indexOf(Receipt.Kind.READ))) {
      return "read";
    }
    if (order.contains(KINDS.indexOf(Receipt.Kind.DELIVERED))) {
      return "delivered";
    }
    // A hand-off after the word of a failure is a later attempt that got through.
    int failed = order.lastIndexOf(KINDS.indexOf(Receipt.Kind.FAILED));
    return failed > order.indexOf(HAND_OFF) ? "failed" : "sent";
  }

  @Test
  void whatComesTogetherEndsAsWhatComesOneByOne() {
    for (int set = 1; set < 1 << KINDS.size(); set++) {
      int all = set;
      List<Receipt.Kind> kinds =
          new ArrayList<>(KINDS.stream().filter(kind -> has(all, kind)).toList().reversed());
      kinds.addAll(List.copyOf(kinds)); // each twice
      List<Integer> oneByOne = new ArrayList<>(List.of(HAND_OFF));
      kinds.reversed().forEach(kind -> oneByOne.add(KINDS.indexOf(kind)));
      long together = message();
      long other = message();
      handOff(together);
      handOff(other);
      List<StatusChange> changes =
          PROGRESS.receipts(
              kinds.stream()
                  .flatMap(kind -> Stream.of(told(other, kind), told(together, kind)))
                  .toList());
      assertThat(status(together)).as("%s", kinds).isEqualTo(play(oneByOne));
      assertThat(status(other)).as("%s", kinds).isEqualTo(status(together));
      // Each change begins where the last one ended.
      MessageStatus last = MessageStatus.SENT;
      for (StatusChange change : changes) {
        if (change.messageId() == together) {
          assertThat(change.from()).as("%s", kinds).isEqualTo(last);
          last = change.to();
        }
      }
      assertThat(last.word()).as("%s", kinds).isEqualTo(status(together));
      if (has(set, Receipt.Kind.DELIVERED) || has(set, Receipt.Kind.READ)) {
        // A failure that comes with a delivery is not told of.
        assertThat(changes).as("%s", kinds).noneMatch(it -> it.to() == MessageStatus.FAILED);
      }
    }
  }

  /**
   * An attempt that was thought to be lost had been taken, and failed: the next one got through.
   */
  @Test
  void theFailureOfAnAttemptThatDoesNotCountIsNoEnd() {
    Receipt failed = new Receipt("another attempt's", Receipt.Kind.FAILED, null, null);
    long before = message();
    PROGRESS.receipts(List.of(new ProgressStore.Told(APP, before, failed)));
    handOff(before);
    long after = message();
    handOff(after);
    PROGRESS.receipts(List.of(new ProgressStore.Told(APP, after, failed)));
    assertThat(List.of(status(before), status(after))).containsExactly("sent", "sent");
    PROGRESS.receipts(
        List.of(new ProgressStore.Told(APP, after, failed), told(after, Receipt.Kind.FAILED)));
    assertThat(status(after)).as("its own, beside the other's").isEqualTo("failed");
  }

  /** A receipt for an unclear attempt came while the next one was under way, which was put off. */
  @Test
  void whatHasArrivedIsNotClaimedToBeSentAgain() {
    long id = message();
    PROGRESS.receipts(List.of(told(id, Receipt.Kind.DELIVERED)));
    PROGRESS.move(
        List.of(
            new Move(
                APP,
                id,
                Dispatch.SENDING,
                Dispatch.QUEUED,
                "deferred",
                2,
                "http_503",
                "no",
                null)));
    assertThat(PROGRESS.claim(List.of(new ProgressStore.Claim(APP, id, 3)))).isEmpty();
    assertThat(
            JDBC.sql(
                    """
                    select dispatch = 'handed_off' and sent_at is not null and attempts = 2 as well
                      from messages where message_id = ?
                    """)
                .param(id)
                .query((row, _) -> row.getBoolean("well"))
                .single())
        .isTrue();
    assertThat(status(id)).isEqualTo("delivered");
  }

  /** The provider's own word that it has it is as good, and told of. */
  @ParameterizedTest
  @EnumSource(names = {"QUEUED", "FAILED", "EXPIRED", "UNCERTAIN", "DEAD"})
  void whatWasSentIsSentWhateverComesOfALaterAttempt(Dispatch next) {
    long id = message();
    PROGRESS.receipts(List.of(told(id, Receipt.Kind.SENT)));
    Move move = new Move(APP, id, Dispatch.SENDING, next, "attempted", 2, "http_400", "no", null);
    assertThat(PROGRESS.move(List.of(move)))
        .extracting(StatusChange::to)
        .containsExactly(MessageStatus.SENT);
    assertThat(PROGRESS.claim(List.of(new ProgressStore.Claim(APP, id, 3)))).isEmpty();
    assertThat(status(id)).isEqualTo("sent");
    long failed = message();
    PROGRESS.receipts(List.of(told(failed, Receipt.Kind.SENT), told(failed, Receipt.Kind.FAILED)));
    PROGRESS.move(
        List.of(
            new Move(APP, failed, Dispatch.SENDING, next, "attempted", 2, "http_400", "no", null)));
    assertThat(status(failed)).as("and failed after it was sent").isNotEqualTo("sent");
  }

  private static boolean has(int set, Receipt.Kind kind) {
    return (set & 1 << KINDS.indexOf(kind)) != 0;
  }

  private static void permute(List<Integer> events, int from, Set<List<Integer>> orders) {
    if (from == events.size()) {
      orders.add(List.copyOf(events));
      return;
    }
    for (int i = from; i < events.size(); i++) {
      java.util.Collections.swap(events, from, i);
      permute(events, from + 1, orders);
      java.util.Collections.swap(events, from, i);
    }
  }

  private static String play(List<Integer> order) {
    return playAll(List.of(order)).getFirst();
  }

  /** Plays each for a message of its own, all of them step by step; returns how they end. */
  private static List<String> playAll(List<List<Integer>> orders) {
    List<Long> ids = messages(orders.size());
    int steps = orders.stream().mapToInt(List::size).max().orElse(0);
    for (int step = 0; step < steps; step++) {
      Map<Integer, List<Long>> byEvent = new TreeMap<>();
      for (int i = 0; i < orders.size(); i++) {
        if (step < orders.get(i).size()) {
          byEvent.computeIfAbsent(orders.get(i).get(step), _ -> new ArrayList<>()).add(ids.get(i));
        }
      }
      byEvent.forEach((event, of) -> {
        if (event == HAND_OFF) {
          handOff(of);
        } else {
          PROGRESS.receipts(of.stream().map(id -> told(id, KINDS.get(event))).toList());
        }
      });
    }
    return statuses(ids);
  }

  private static long message() {
    return messages(1).getFirst();
  }

  /** Messages that are being sent. */
  private static List<Long> messages(int count) {
    long first = lastId + 1;
    lastId += count;
    JDBC.sql(
            """
            insert into messages (app_id, message_id, sender_id, recipient, message_type, priority,
                                  hold, max_attempts, expires_at, correlation_id, dispatch, version,
                                  attempts)
            select 1, id, 1, '+4915123100000', 'text', 2, false, 8, now(), 'c', 'sending', 1, 1
              from generate_series(?, ?) as id
            """)
        .params(first, lastId)
        .update();
    return LongStream.rangeClosed(first, lastId).boxed().toList();
  }

  private static void handOff(long id) {
    handOff(List.of(id));
  }

  private static void handOff(List<Long> ids) {
    PROGRESS.move(
        ids.stream()
            .map(id ->
                new Move(
                    APP, id, Dispatch.SENDING, Dispatch.HANDED_OFF, "sent", 1, null, null, "x"))
            .toList());
  }

  private static ProgressStore.Told told(long id, Receipt.Kind kind) {
    return new ProgressStore.Told(APP, id, new Receipt("x", kind, null, null));
  }

  private static String status(long id) {
    return statuses(List.of(id)).getFirst();
  }

  private static List<String> statuses(List<Long> ids) {
    return JDBC.sql(
            """
            select message_status(dispatch, provider_failed_at, delivered_at, read_at)
              from messages where message_id = any (?::bigint[]) order by message_id
            """)
        .param(ids.stream().mapToLong(Long::longValue).toArray())
        .query((row, _) -> row.getString(1))
        .list();
  }
}
