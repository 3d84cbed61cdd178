package dev.postrider.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.channel.Receipt;
import dev.postrider.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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
    for (int set = 1; set < 1 << KINDS.size(); set++) {
      List<Integer> events = new ArrayList<>(List.of(HAND_OFF));
      boolean failed = has(set, Receipt.Kind.FAILED);
      for (Receipt.Kind kind : KINDS) {
        if (has(set, kind)) {
          events.add(KINDS.indexOf(kind));
        }
      }
      events.add(events.getLast());
      Set<String> ends = new TreeSet<>();
      permute(events, 0, ends);
      String highest =
          has(set, Receipt.Kind.READ)
              ? "read"
              : has(set, Receipt.Kind.DELIVERED) ? "delivered" : "";
      if (!highest.isEmpty()) {
        assertThat(ends).as("set %s", set).containsExactly(highest);
      } else if (!failed) {
        assertThat(ends).as("set %s", set).containsExactly("sent");
      } else {
        // A hand-off after the word of a failure is a later attempt that got through.
        assertThat(ends).as("set %s", set).isSubsetOf("failed", "sent");
      }
    }
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

  private static boolean has(int set, Receipt.Kind kind) {
    return (set & 1 << KINDS.indexOf(kind)) != 0;
  }

  private static void permute(List<Integer> events, int from, Set<String> ends) {
    if (from == events.size()) {
      ends.add(play(events));
      return;
    }
    for (int i = from; i < events.size(); i++) {
      java.util.Collections.swap(events, from, i);
      permute(events, from + 1, ends);
      java.util.Collections.swap(events, from, i);
    }
  }

  private static String play(List<Integer> events) {
    long id = message();
    for (int event : events) {
      if (event == HAND_OFF) {
        handOff(id);
      } else {
        PROGRESS.receipts(List.of(told(id, KINDS.get(event))));
      }
    }
    return status(id);
  }

  /** A message that is being sent. */
  private static long message() {
    long id = ++lastId;
    JDBC.sql(
            """
            insert into messages (app_id, message_id, sender_id, recipient, message_type, priority,
                                  hold, max_attempts, expires_at, correlation_id, dispatch, version,
                                  attempts)
            values (1, ?, 1, '+4915123100000', 'text', 2, false, 8, now(), 'c', 'sending', 1, 1)
            """)
        .param(id)
        .update();
    return id;
  }

  private static void handOff(long id) {
    PROGRESS.move(
        List.of(
            new Move(APP, id, Dispatch.SENDING, Dispatch.HANDED_OFF, "sent", 1, null, null, "x")));
  }

  private static ProgressStore.Told told(long id, Receipt.Kind kind) {
    return new ProgressStore.Told(APP, id, new Receipt("x", kind, null, null));
  }

  private static String status(long id) {
    return JDBC.sql(
            """
            select message_status(dispatch, provider_failed_at, delivered_at, read_at)
              from messages where message_id = ?
            """)
        .param(id)
        .query(String.class)
        .single();
  }
}
