package dev.postrider.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a message is where it is.
 *
 * @param sentence for a person; often more than one
 * @param reason a word for a program
 * @param next when something happens next by itself; null when nothing will
 */
record Because(String sentence, String reason, @Nullable Instant next) {
  /** The same, with one more sentence. */
  Because and(String more) {
    return more.isEmpty() ? this : new Because(sentence + " " + more, reason, next);
  }

  Because withNext(Instant at) {
    return new Because(sentence, reason, at);
  }

  /** Some words as a sentence. */
  static String sentence(String words) {
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1) + ".";
  }

  /** A length of time, as short as a person would say it. */
  static String spoken(Duration time) {
    if (time.toMillis() < 1000) {
      return time.toMillis() + " ms";
    }
    if (time.toSeconds() < 120) {
      return time.toMillis() % 1000 == 0
          ? time.toSeconds() + " s"
          : String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }
    return time.toMinutes() + " min";
  }
}
