package dev.postrider.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.TestDatabase;
import dev.postrider.webhook.DeliveryStore.Logged;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class DeliveryStoreTest {
  private static final TestDatabase DATABASE = TestDatabase.migrated();
  private static final Instant AT = Instant.parse("2026-11-26T03:00:00.123456Z");

  private final JdbcClient jdbc = DATABASE.jdbc();
  private final DeliveryStore store = new DeliveryStore(jdbc);

  @BeforeEach
  void empty() {
    jdbc.sql("truncate delivery_runs").update();
  }

  private static Delivery taken(long seq) {
    return new Delivery(seq, "message.sent", AT, 204, Delivery.DELIVERED, 12, null);
  }

  private static Delivery refused(long seq) {
    return new Delivery(seq, "message.sent", AT, 500, "http_500", 7, "said \"no\"\n");
  }

  private static List<Delivery> run(long first, long last) {
    return LongStream.rangeClosed(first, last).mapToObj(DeliveryStoreTest::taken).toList();
  }

  /** Page by page, as callers read. */
  private List<Long> seqs(boolean failedOnly, int page) {
    List<Long> seqs = new ArrayList<>();
    long before = Long.MAX_VALUE;
    while (true) {
      List<Logged> found = store.newest(1, failedOnly, before, page);
      assertThat(found).hasSizeLessThanOrEqualTo(page);
      found.forEach(one -> seqs.add(one.delivery().seq()));
      if (found.size() < page) {
        return seqs;
      }
      before = found.getLast().id();
    }
  }

  @Test
  void readsEveryDeliveryOnceWhateverItsRun() {
    store.log(1, run(1, 3));
    store.log(2, run(100, 110));
    store.log(1, List.of(taken(4), refused(5)));
    store.log(1, List.of(refused(5)));
    store.log(1, run(6, 130));
    List<Long> all =
        LongStream.concat(
                LongStream.concat(LongStream.rangeClosed(1, 5), LongStream.of(5)),
                LongStream.rangeClosed(6, 130))
            .boxed()
            .toList()
            .reversed();
    for (int page : new int[] {1, 2, 3, 7, 50, 200}) {
      assertThat(seqs(false, page)).as("pages of %s", page).isEqualTo(all);
      assertThat(seqs(true, page)).as("failed, pages of %s", page).containsExactly(5L, 5L);
    }
  }

  @Test
  void givesBackWhatWasLogged() {
    store.log(1, List.of(taken(1), refused(2)));
    assertThat(store.newest(1, false, Long.MAX_VALUE, 10).stream().map(Logged::delivery))
        .containsExactly(refused(2), taken(1));
  }

  @Test
  void forgetsOldRuns() {
    store.log(1, run(1, 3));
    jdbc.sql("update delivery_runs set at = now() - interval '1 hour'").update();
    store.log(
        1, List.of(new Delivery(4, "message.sent", Instant.now(), 204, "delivered", 1, null)));
    assertThat(store.forget(Duration.ofMinutes(30), 100)).isEqualTo(1);
    assertThat(seqs(false, 10)).containsExactly(4L);
  }
}
