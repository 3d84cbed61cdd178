package dev.postrider.channel;

import dev.postrider.platform.FieldError;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One vendor that carries messages. Implementations are stateless towards messages and safe for
 * many threads; {@code ProviderContract} in the tests says what each must do.
 */
public interface Provider {
  /** The name callers use, such as {@code waha}. */
  String name();

  /** What it carries messages over, such as {@code whatsapp} or {@code email}. */
  String channel();

  /** Whether it carries a subject and HTML beside the text. */
  default boolean carriesHtml() {
    return false;
  }

  /** Whether it carries templates that WhatsApp has approved. */
  default boolean carriesApproved() {
    return false;
  }

  /** How long one send may take, all told. */
  Duration deadline();

  /** What is wrong with a sender's settings, address and credentials; empty when it can be used. */
  List<FieldError> checkSender(SenderAccount account);

  /** A recipient in the form this provider uses, or what is wrong with it. */
  Checked recipient(String raw);

  /** What is wrong with a content for this provider; empty when it can carry it. */
  List<FieldError> checkContent(Content content);

  /** How a content is cut, where its channel counts; empty where it does not. */
  default Optional<Segments> segments(Content content) {
    return Optional.empty();
  }

  /**
   * Sends. Never throws for what the provider or the network does; never takes longer than the
   * deadline. Says {@link SendResult.Unclear} whenever the request may have arrived.
   */
  SendResult send(Outbound outbound);

  /**
   * The id by which the provider knows every attempt of this message, where that is chosen before
   * the call: receipts for an attempt whose end nobody saw find it by that.
   *
   * @param content perhaps without its words and bytes
   */
  default Optional<String> expectedId(
      SenderAccount sender, long messageId, Instant acceptedAt, Content content) {
    return Optional.empty();
  }

  /**
   * Looks up a message whose earlier attempt was unclear. Asked only before sending again; perhaps
   * without the words and bytes of its content.
   */
  default Found find(Outbound outbound) {
    return new Found.Unknown();
  }

  /** Whether {@link #find} can tell anything of such a message. */
  default boolean looksUp(SenderAccount sender, Content content) {
    return false;
  }

  /** Whether it tells what became of what it took. */
  default boolean reports() {
    return true;
  }

  /**
   * The answer to a provider that wants to know, before its first callback, whether its address is
   * the right one; empty for one that is not to be answered.
   *
   * @param query the request's parameters, by name
   */
  default Optional<String> challenge(
      SenderAccount account, Function<String, Optional<String>> query) {
    return Optional.empty();
  }

  /** Receipts in a callback, after its signature was checked; throws {@link CallbackRefused}. */
  default List<Receipt> receipts(SenderAccount account, Callback callback) {
    throw new CallbackRefused("this provider sends no callbacks");
  }

  /** A recipient that was understood, or why it was not. */
  sealed interface Checked {
    record Ok(String recipient) implements Checked {}

    record Bad(String detail) implements Checked {}
  }

  /** What a look-up found. */
  sealed interface Found {
    /** It is there: the earlier attempt had arrived. */
    record There(String providerMessageId) implements Found {}

    /** It is not there: sending cannot repeat it. */
    record NotThere() implements Found {}

    /** The provider cannot tell. */
    record Unknown() implements Found {}
  }
}
