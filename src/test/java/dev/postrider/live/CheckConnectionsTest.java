package dev.postrider.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.ApiKeyStore;
import dev.postrider.app.ApiKeys;
import dev.postrider.app.AppId;
import dev.postrider.app.AppStore;
import dev.postrider.app.Apps;
import dev.postrider.app.SenderStore;
import dev.postrider.event.EventStore;
import dev.postrider.platform.Home;
import dev.postrider.platform.Secret;
import dev.postrider.platform.Settings;
import dev.postrider.platform.secret.MasterKey;
import dev.postrider.platform.secret.Vault;
import dev.postrider.testing.Eventually;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class CheckConnectionsTest {
  private static final Duration EVERY = Duration.ofMillis(50);

  /** Nobody listens there. */
  private static final class Absent extends DriverManagerDataSource {
    final AtomicInteger asked = new AtomicInteger();

    Absent() {
      super("jdbc:postgresql://127.0.0.1:9/none");
    }

    @Override
    public java.sql.Connection getConnection() throws SQLException {
      asked.incrementAndGet();
      return super.getConnection();
    }
  }

  private final Absent database = new Absent();
  private final JdbcClient absent = JdbcClient.create(database);

  private final MasterKey master = MasterKey.parse(new Secret(MasterKey.generate()));
  private final LiveSettings settings = new LiveSettings(100, 100, List.of(), EVERY, EVERY, EVERY);
  private final Feed feed = new Feed(new EventStore(JdbcClient.create(new Absent())), settings);

  private CheckConnections check(Path home) {
    return new CheckConnections(
        feed,
        new ApiKeys(
            new ApiKeyStore(absent), master, Settings.read(Map.of(), false), Home.open(home)),
        new Apps(
            new AppStore(absent),
            new SenderStore(absent, new Vault(master)),
            InstantSource.system()),
        settings);
  }

  private List<Integer> connect(@Nullable String kid, boolean answers) {
    List<Integer> closed = new CopyOnWriteArrayList<>();
    feed.add(
        new Connection(
            new Subscription(new AppId(7), 0, null, Set.of(), kid),
            new Wire(_ -> {}, _ -> answers, (code, _) -> closed.add(code)),
            feed));
    return closed;
  }

  /** Nobody's key can be looked at: those who answer stay, those who do not are dropped as ever. */
  @Test
  void aDatabaseThatIsAwayEndsNobody(@TempDir Path home) {
    CheckConnections check = check(home);
    List<Integer> answers = connect("kid", true);
    List<Integer> ofOperator = connect(null, true);
    List<Integer> silent = connect("kid", false);
    Eventually.value(
        () -> {
          check.runOnce();
          return silent;
        },
        it -> it.equals(List.of(Connection.TRY_AGAIN_LATER)));
    assertThat(answers).isEmpty();
    assertThat(ofOperator).isEmpty();
    assertThat(feed.size()).isEqualTo(2);
  }

  /** Each would wait for its time to run out, and those at the end would never be pinged. */
  @Test
  void aDatabaseThatIsAwayIsAskedOnceInATurn(@TempDir Path home) {
    CheckConnections check = check(home);
    for (int i = 0; i < 20; i++) {
      connect("kid-" + i, true);
    }
    check.runOnce();
    // The second time for the name of the database, to say what went wrong.
    assertThat(database.asked).hasValueLessThanOrEqualTo(2);
    assertThat(feed.size()).isEqualTo(20);
  }
}
