package dev.postrider.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Secret;
import dev.postrider.platform.secret.MasterKey;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;

class TicketsTest {
  private final TestDatabase database = TestDatabase.migrated();
  private final Tickets tickets =
      new Tickets(
          new TicketStore(database.jdbc()),
          new LiveSettings(
              10,
              10,
              List.of(),
              Duration.ofSeconds(5),
              Duration.ofSeconds(30),
              Duration.ofSeconds(30)),
          MasterKey.parse(new Secret(MasterKey.generate())));

  @Test
  void oneGivesWhatItWasMadeForOnce() {
    String ticket = tickets.issue(new AppId(7), "kid").ticket();
    assertThat(tickets.right(ticket)).contains(new Tickets.Right(new AppId(7), "kid"));
    assertThat(tickets.redeem(ticket)).isTrue();
    assertThat(tickets.redeem(ticket)).isFalse();
    assertThat(tickets.right(ticket)).isEmpty();
  }

  /** They come without a key: requests of callers who have one need their connections. */
  @Test
  @Timeout(60)
  void onlyAFewThatWereMadeUpAreLookedUpAtOnce() throws Exception {
    JdbcClient slow = database.oneConnection();
    slow.sql("begin").update();
    slow.sql("lock table live_tickets").update();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> told = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        told.add(
            callers.submit(() -> {
              try {
                return tickets.right("prt_" + "x".repeat(43)).isEmpty();
              } catch (Overloaded _) {
                return false;
              }
            }));
      }
      try {
        assertThat(tickets.right("prt_x")).as("looked up in the table that is locked").isEmpty();
        Eventually.value(() -> told.stream().filter(Future::isDone).count(), it -> it == 5);
        assertThat(database.waitingForLocks()).isEqualTo(3);
      } finally {
        slow.sql("rollback").update();
      }
      int found = 0;
      for (Future<Boolean> one : told) {
        found += one.get() ? 1 : 0;
      }
      assertThat(found).isEqualTo(3);
    }
  }
}
