package dev.postrider.app;

import dev.postrider.channel.SenderAccount;
import dev.postrider.platform.Remembered;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.Optional;

/**
 * What every message needs to know of its application and sender, remembered for five seconds so
 * that the happy path does not ask for it. A change holds here at once, on other nodes within that
 * time.
 */
@Wired
public class Apps {
  private static final Duration REMEMBERED = Duration.ofSeconds(5);

  /** An application and its default sender. */
  public record Profile(App app, Optional<SenderId> defaultSender) {}

  private final Remembered<AppId, Optional<Profile>> profiles;
  private final Remembered<SenderId, Optional<Known>> accounts;

  private record Known(SenderAccount account, boolean usable) {}

  public Apps(AppStore apps, SenderStore senders) {
    this.profiles =
        new Remembered<>(
            REMEMBERED,
            10_000,
            id -> apps.find(id).map(app -> new Profile(app, senders.findDefault(id))));
    this.accounts =
        new Remembered<>(
            REMEMBERED,
            10_000,
            id ->
                senders
                    .account(id)
                    .map(account ->
                        new Known(
                            account, senders.find(new AppId(account.appId()), id).isPresent())));
  }

  public Optional<Profile> profile(AppId id) {
    return profiles.get(id);
  }

  /** A sender an application may send from now. */
  public Optional<SenderAccount> sender(AppId app, SenderId id) {
    return accounts
        .get(id)
        .filter(Known::usable)
        .map(Known::account)
        .filter(account -> account.appId() == app.value());
  }

  /** A sender that messages on the way were accepted for; empty when it has been deleted since. */
  public Optional<SenderAccount> sender(SenderId id) {
    return accounts.get(id).filter(Known::usable).map(Known::account);
  }

  void forget(AppId id) {
    profiles.forget(id);
  }

  void forget(AppId app, SenderId id) {
    accounts.forget(id);
    profiles.forget(app);
  }
}
