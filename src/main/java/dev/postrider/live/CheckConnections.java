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

  /** Of pings, one after the other. */
  private static final int MOST_UNANSWERED = 3;

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
    // All at once, before anybody is asked after: that may take its time, and who was not pinged
    // for it cannot have answered.
    for (Connection connection : feed.connections()) {
      if (connection.unansweredPings() >= MOST_UNANSWERED) {
        connection.drop(Connection.TRY_AGAIN_LATER, "no pong came");
      } else {
        connection.ping();
      }
    }
    try {
      for (Connection connection : feed.connections()) {
        if (hasEnded(connection.subscription())) {
          connection.drop(UNAUTHORIZED, "the API key has ended");
        }
      }
    } catch (DataAccessException | TransactionException _) {
      // The database is away: whoever cannot be asked after stays, until the next time.
    }
    return 0;
  }

  private boolean hasEnded(Subscription subscription) {
    try {
      String kid = subscription.kid();
      return kid == null ? apps.profile(subscription.app()).isEmpty() : !keys.isUsable(kid);
    } catch (Overloaded _) {
      return false; // asked again the next time
    }
  }
}
