package dev.postrider.app;

import dev.postrider.channel.SenderAccount;
import dev.postrider.platform.Bounded;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Remembered;
import dev.postrider.platform.Violations;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What every message needs to know of its application and sender, remembered for five seconds so
 * that the happy path does not ask for it; pauses for one. A change holds here at once, on other
 * nodes within that time.
 */
@Wired
public class Apps {
  private static final Duration REMEMBERED = Duration.ofSeconds(5);
  private static final Duration PAUSES_REMEMBERED = Duration.ofSeconds(1);
  private static final Duration NOW = Duration.ofSeconds(1);

  /** For the senders that are remembered, in characters of their settings and credentials. */
  private static final int MOST = 4 * 1024 * 1024;

  /** What one takes besides. */
  private static final int A_SENDER = 400;

  /** An application, its default sender, and what its policy says. */
  public record Profile(App app, Optional<SenderId> defaultSender, AppPolicy policy) {}

  /** A sender that can be used, and what its policy says. */
  public record Usable(SenderAccount account, SenderPolicy policy) {
    public AppId app() {
      return new AppId(account.appId());
    }
  }

  /** How fast a sender may send now. */
  public record Paced(Duration interval, Duration jitter) {
    /** A place in its line, as it is now: one that a slower pace gave is brought forward. */
    public Instant place(Instant given, Instant now) {
      // It gives those of the next two seconds.
      Instant latest = now.plusSeconds(2).plus(interval).plus(jitter);
      return given.isBefore(latest) ? given : latest;
    }

    /** From one message to the next, on average. */
    public Duration mean() {
      return interval.plus(jitter.dividedBy(2));
    }
  }

  private enum All {
    SENDERS
  }

  private final AppStore appStore;
  private final SenderStore senderStore;
  private final Remembered<AppId, Optional<Profile>> profiles;
  private final Remembered<AppId, Optional<AppPolicy>> policiesOfDeleted;
  private final Remembered<SenderId, Optional<Usable>> senders;
  private final Remembered<SenderId, Optional<Usable>> sendersNow;
  private final Remembered<All, Map<SenderId, Pause>> paused;
  private final Remembered<All, Map<SenderId, Paced>> paces;

  public Apps(AppStore apps, SenderStore senders, InstantSource clock) {
    this.appStore = apps;
    this.senderStore = senders;
    this.profiles =
        new Remembered<>(
            REMEMBERED,
            10_000,
            id ->
                apps.find(id)
                    .map(app ->
                        new Profile(
                            app, senders.findDefault(id), app.policy().checked(new Violations()))));
    this.policiesOfDeleted =
        new Remembered<>(
            REMEMBERED,
            1_000,
            id -> apps.findDeleted(id).map(app -> app.policy().checked(new Violations())));
    // Anybody can make up an id, in a provider's callback, that has to be looked up.
    Bounded lookUps = new Bounded("senders", 3, Duration.ofMillis(1500));
    this.senders =
        new Remembered<>(
            REMEMBERED, MOST, Apps::characters, id -> lookUps.run(() -> usable(senders, id)));
    Bounded lookUpsNow = new Bounded("senders now", 1, Duration.ofMillis(1500));
    this.sendersNow =
        new Remembered<>(
            NOW, MOST / 8, Apps::characters, id -> lookUpsNow.run(() -> usable(senders, id)));
    this.paused = new Remembered<>(PAUSES_REMEMBERED, 1, _ -> senders.paused());
    this.paces = new Remembered<>(REMEMBERED, 1, _ -> paces(senders.withPacing(), clock));
  }

  private static int characters(Optional<Usable> sender) {
    return A_SENDER
        + sender
            .map(Usable::account)
            .map(account ->
                account.settings().values().stream().mapToInt(String::length).sum()
                    + account.credentials().values().stream()
                        .mapToInt(it -> it.value().length())
                        .sum())
            .orElse(0);
  }

  private static Optional<Usable> usable(SenderStore senders, SenderId id) {
    return senders
        .account(id)
        .flatMap(account ->
            senders
                .find(new AppId(account.appId()), id)
                .map(sender -> new Usable(account, sender.policy().checked(new Violations()))));
  }

  private static Map<SenderId, Paced> paces(
      List<SenderStore.WithPacing> senders, InstantSource clock) {
    Map<SenderId, Paced> paced = new HashMap<>();
    for (SenderStore.WithPacing sender : senders) {
      sender
          .policy()
          .checked(new Violations())
          .pacing()
          .filter(Pacing::isPaced)
          .ifPresent(pacing ->
              paced.put(
                  sender.id(),
                  new Paced(
                      pacing.intervalAt(clock.instant(), sender.createdAt()), pacing.jitter())));
    }
    return paced;
  }

  public Optional<Profile> profile(AppId id) {
    return profiles.get(id);
  }

  /** What holds for its messages, those of a deleted one, too: they are still sent. */
  public Optional<AppPolicy> policyToTheEnd(AppId id) {
    return profile(id).map(Profile::policy).or(() -> policiesOfDeleted.get(id));
  }

  /** A sender an application may send from now. */
  public Optional<Usable> sender(AppId app, SenderId id) {
    return senders.get(id).filter(sender -> sender.app().equals(app));
  }

  /** A sender that messages on the way were accepted for; empty when it has been deleted since. */
  public Optional<Usable> sender(SenderId id) {
    return senders.get(id);
  }

  /** The same as it was a second ago at most: it may have been changed on another node. */
  public Optional<Usable> senderNow(SenderId id) {
    return sendersNow.get(id);
  }

  /** Whose senders are, also of those that cannot be used; without those that are deleted. */
  public Map<SenderId, AppId> owners(Collection<SenderId> ids) {
    return senderStore.owners(ids);
  }

  /**
   * Senders of an application, and by which provider each sends: those that are there before those
   * that were deleted, the newest of each first.
   */
  public Map<Long, String> newestSenders(AppId app, int most) {
    return senderStore.newest(app, most);
  }

  /** By which provider each of these sends, deleted or not. */
  public Map<SenderId, String> providers(Collection<SenderId> ids) {
    return senderStore.providers(ids);
  }

  /**
   * Which rule a sender's messages are retried by: its own, and its application's where it is
   * silent.
   */
  public RetryRule retryRule(AppId app, Usable sender) {
    RetryRule ofApp = policyToTheEnd(app).map(AppPolicy::retry).orElse(RetryRule.NONE);
    return sender.policy().retry().or(ofApp);
  }

  /** Which of these were deleted; nothing of it is remembered. */
  public Set<AppId> deletedAmong(Collection<AppId> ids) {
    return appStore.deletedAmong(ids);
  }

  /** An application that must be there; 404 where it is gone. */
  public Profile required(AppId id) {
    return profile(id).orElseThrow(() -> ProblemException.notFound("application"));
  }

  /** The same, where only its id is asked for. */
  public AppId requiredId(long id) {
    return required(new AppId(id)).app().id();
  }

  /** The senders whose policy gives them a pace, each with its interval of this moment. */
  public Map<SenderId, Paced> pacedSenders() {
    return paces.get(All.SENDERS);
  }

  /** Why nothing of this sender may go now; empty when neither it nor its application is paused. */
  public Optional<Pause> pause(SenderId id) {
    return Optional.ofNullable(pausedSenders().get(id));
  }

  public Map<SenderId, Pause> pausedSenders() {
    return paused.get(All.SENDERS);
  }

  void forget(AppId id) {
    Transactions.nowAndAfterCommit(() -> {
      profiles.forget(id);
      paused.forgetAll();
    });
  }

  void forget(AppId app, SenderId id) {
    Transactions.nowAndAfterCommit(() -> {
      senders.forget(id);
      paces.forgetAll();
    });
    forget(app);
  }
}
