package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.app.AppLimits;
import dev.postrider.app.Apps;
import dev.postrider.platform.Correlation;
import dev.postrider.platform.Json;
import dev.postrider.platform.Violations;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Sends messages that were asked for earlier and are kept as the JSON of the request. */
@Wired
public class SendStored {
  private final ComposeMessage compose;
  private final CommitMessages commit;
  private final Apps apps;
  private final AppLimits limits;

  public SendStored(ComposeMessage compose, CommitMessages commit, Apps apps, AppLimits limits) {
    this.compose = compose;
    this.commit = commit;
    this.apps = apps;
    this.limits = limits;
  }

  /** Throws what is wrong with it, if it were sent now. Its time is another's affair. */
  public void check(AppId app, String json) {
    MessageDraft draft = draft(json);
    Violations violations = new Violations();
    violations.require(
        draft.times().scheduledFor() == null, "scheduled_for", "is the schedule's to say");
    violations.require(
        draft.times().expiresAt() == null, "expires_at", "would be over; give ttl_seconds");
    violations.throwIfAny();
    compose.compose(compose.profile(app), draft, new Correlation("check", null));
  }

  /**
   * A message that is ready to be stored; empty when its time to live is over before it could go.
   *
   * @param late for how long it has been due
   */
  public Optional<Message> compose(AppId app, String json, Duration late, String correlationId) {
    MessageDraft draft = draft(json);
    Long ttl = draft.times().ttlSeconds();
    if (ttl != null && late.toSeconds() >= ttl) {
      return Optional.empty();
    }
    Apps.Profile profile = compose.profile(app);
    return Optional.of(
        compose.compose(
            profile,
            ttl == null ? draft : draft.withTtl(ttl - late.toSeconds()),
            new Correlation(correlationId, null)));
  }

  /** Takes one off the application's limits of messages; says when none is left. */
  public void takeOne(AppId app) {
    AppLimits.check(limits.messages(compose.profile(app), 1), "messages");
  }

  /** Whether this came from a commit of which nobody knows whether it took effect. */
  public static boolean mayHaveStored(RuntimeException e) {
    return AcceptMessages.mayHaveStored(e);
  }

  /** It was not stored after all. */
  public void giveOneBack(AppId app) {
    limits.giveBack(compose.profile(app), 1);
  }

  /** Whether the application is there: nothing is sent for one that was deleted. */
  public boolean appExists(AppId app) {
    return apps.profile(app).isPresent();
  }

  /** Stores it inside the open transaction; it waits in the queue for whoever claims it. */
  public void store(Message message) {
    commit.within(List.of(message));
  }

  private static MessageDraft draft(String json) {
    return Json.read(Json.utf8(json), MessageRequest.class).draft();
  }
}
