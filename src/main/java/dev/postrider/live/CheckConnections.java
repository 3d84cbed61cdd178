package dev.postrider.live;

import dev.postrider.app.ApiKeys;
import dev.postrider.app.Apps;
import dev.postrider.platform.Loop;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Wired;
import java.time.Duration;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** Ends connections whose key has ended, and finds out which have gone without a word. */
@Wired
public class CheckConnections implements Loop {
  /** Of our own: the key is not valid any more. */
  private static final int UNAUTHORIZED = 4401;

  private final Feed feed;
  private final ApiKeys keys;
  private final Apps apps;
  private final LiveSettings settings;

  CheckConnections(Feed feed, ApiKeys keys, Apps apps, LiveSettings settings) {
    this.feed = feed;
    this.keys = keys;
    this.apps = apps;
    this.settings = settings;
  }

  @Override
  public Duration every() {
    return settings.checkEvery();
  }

  @Override
  public int runOnce() {
    for (Connection connection : feed.connections()) {
      if (hasEnded(connection.subscription())) {
        connection.drop(UNAUTHORIZED, "the API key has ended");
      } else if (connection.isSilentFor(settings.checkEvery().multipliedBy(3))) {
        connection.drop(Connection.TOO_SLOW, "no pong came");
      } else {
        connection.ping();
      }
    }
    return 0;
  }

  /** Whoever cannot be asked after now, because the database is away, stays. */
  private boolean hasEnded(Subscription subscription) {
    try {
      String kid = subscription.kid();
      return kid == null ? apps.profile(subscription.app()).isEmpty() : !keys.isUsable(kid);
    } catch (DataAccessException | TransactionException | Overloaded _) {
      return false;
    }
  }
}
