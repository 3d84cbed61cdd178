package dev.postrider.app;

import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Wired;
import dev.postrider.ratelimit.Rate;
import dev.postrider.ratelimit.RateLimitStore;
import dev.postrider.ratelimit.Taken;
import java.time.Duration;

/** What applications may ask for in a time. One without limits costs nothing here. */
@Wired
public class AppLimits {
  private final RateLimitStore store;

  public AppLimits(RateLimitStore store) {
    this.store = store;
  }

  Taken request(Apps.Profile profile) {
    return store.take("requests/" + profile.app().id(), profile.policy().requests(), 1);
  }

  /** Takes messages off the application's limits: all of them, or none. */
  public Taken messages(Apps.Profile profile, int count) {
    checkSize(profile, count);
    return store.take(subject(profile), profile.policy().messages(), count);
  }

  /** How long so many messages would have to wait for their limits; takes nothing. */
  public Duration wait(Apps.Profile profile, int count) {
    checkSize(profile, count);
    return store.wait(subject(profile), profile.policy().messages(), count);
  }

  /** How many messages the application may ever send at once, up to {@code most}. */
  public static int mostAtOnce(Apps.Profile profile, int most) {
    return profile.policy().messages().stream()
        .mapToInt(rate -> (int) Math.min(rate.limit(), most))
        .min()
        .orElse(most);
  }

  private static void checkSize(Apps.Profile profile, int count) {
    for (Rate rate : profile.policy().messages()) {
      if (count > rate.limit()) {
        throw ProblemException.invalid(
            "messages",
            "are more than the application may send at once: its limit "
                + rate.name()
                + " is "
                + rate.limit());
      }
    }
  }

  private static String subject(Apps.Profile profile) {
    return "messages/" + profile.app().id();
  }

  /** They were taken and not sent: the request was a repeated one, say. */
  public void giveBack(Apps.Profile profile, int count) {
    store.giveBack(subject(profile), profile.policy().messages(), count);
  }

  /** 429 with the time to wait, unless it was granted. */
  public static void check(Taken taken, String what) {
    if (!taken.granted()) {
      throw ProblemException.retryLater(
          Problem.RATE_LIMITED,
          "The application's limit of " + what + " is used up for now; nothing was done.",
          // Rounded up: never sooner than it can work.
          taken.retryAfter().plusMillis(999));
    }
  }
}
