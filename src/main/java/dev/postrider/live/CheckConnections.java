package dev.postrider.live;

import dev.postrider.app.ApiKeys;
import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import java.time.Duration;

/** Ends connections whose key has ended, and finds out which have gone without a word. */
@Wired
public class CheckConnections implements Loop {
  /** Of our own: the key is not valid any more. */
  private static final int UNAUTHORIZED = 4401;

  private final Feed feed;
  private final LiveListener listener;
  private final ApiKeys keys;
  private final LiveSettings settings;

  CheckConnections(Feed feed, LiveListener listener, ApiKeys keys, LiveSettings settings) {
    this.feed = feed;
    this.listener = listener;
    this.keys = keys;
    this.settings = settings;
  }

  @Override
  public Duration every() {
    return settings.checkEvery();
  }

  @Override
  public int runOnce() {
    for (Connection connection : feed.connections()) {
      String key = connection.subscription().key();
      if (key != null && keys.recognise(key).isEmpty()) {
        connection.drop(UNAUTHORIZED, "the API key has ended");
      }
    }
    listener.check();
    return 0;
  }
}
