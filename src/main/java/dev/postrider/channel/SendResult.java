package dev.postrider.channel;

import dev.postrider.channel.egress.Reply;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** What a provider said. Four answers, because a time-out is neither a yes nor a no. */
public sealed interface SendResult {
  /** The provider took it. */
  record Accepted(String providerMessageId) implements SendResult {}

  /**
   * Not now, and certainly not sent.
   *
   * @param scope whose fault it is: this message's, or the whole sender's, as far as one can tell
   */
  record Deferred(Scope scope, String code, String detail, Optional<Duration> retryAfter)
      implements SendResult {}

  /**
   * Never: trying again would get the same answer.
   *
   * @param called whether a provider said so; false where we refused before any call
   */
  record Rejected(String code, String detail, boolean called) implements SendResult {
    public Rejected(String code, String detail) {
      this(code, detail, true);
    }
  }

  /**
   * The request may have arrived: sending again may send it twice.
   *
   * @param expectedId the id it would have, where the provider lets us choose it
   */
  record Unclear(String code, String detail, Optional<String> expectedId) implements SendResult {}

  /** What a deferral is about. */
  enum Scope {
    /** This message only. It counts against the limit of attempts. */
    MESSAGE,
    /**
     * This message, or all: nobody can tell. It counts against the limit of attempts, and for the
     * sender's circuit: where others meet it too, the sender rests.
     */
    EITHER,
    /** Everything this sender sends. No message is given up for it; the sender rests. */
    SENDER
  }

  /** What became of a call whose answer, if there is one, somebody judges. */
  static SendResult of(Reply reply, Function<Reply.Answer, SendResult> judge) {
    return switch (reply) {
      case Reply.Answer answer -> judge.apply(answer);
      case Reply.NotSent(var code, var detail) -> senderDeferred(code, detail);
      case Reply.Broken(var code, var detail) -> unclear(code, detail);
    };
  }

  /**
   * What an answer says that should name the message: it was taken, unless it names none that can
   * be kept.
   */
  static SendResult taken(String provider, String id) {
    return MessageIds.fits(id)
        ? new Accepted(id)
        : unclear("bad_2xx", provider + " said yes but named no message that can be kept");
  }

  static Unclear unclear(String code, String detail) {
    return new Unclear(code, detail, Optional.empty());
  }

  static Deferred senderDeferred(String code, String detail) {
    return new Deferred(Scope.SENDER, code, detail, Optional.empty());
  }
}
