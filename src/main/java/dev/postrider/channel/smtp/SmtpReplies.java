package dev.postrider.channel.smtp;

import dev.postrider.channel.ErrorTable;
import dev.postrider.channel.ErrorTable.Meaning;
import dev.postrider.platform.Text;
import jakarta.mail.MessagingException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.jspecify.annotations.Nullable;

/** What a mail server's replies mean (RFC 5321, RFC 3463), and to which command they were. */
final class SmtpReplies {
  /** Replies that are about the service or our credentials, whatever else they say. */
  private static final Set<String> ABOUT_US = Set.of("421", "454");

  /**
   * What Postfix says to RCPT, where it says all of it unless it is told otherwise: of us, or of
   * this recipient by a rule that asks for both.
   */
  private static final Pattern MAYBE_OF_US =
      Pattern.compile(
          "(Sender address|Helo command|Client host)( \\[[^]]*])? rejected",
          Pattern.CASE_INSENSITIVE);

  /** That we may not send by this server to anybody elsewhere: of us, though it is said to RCPT. */
  private static final Pattern NO_RELAY =
      Pattern.compile(
          "relay(ing)? (access )?(denied|not permitted|prohibited)|unable to relay",
          Pattern.CASE_INSENSITIVE);

  /** What is on a block list is our address, our name or the sender's, whatever it was said to. */
  private static final Pattern BLOCKED =
      Pattern.compile(
          "(Client|Client host|Helo command|Sender address) \\[[^]]*] blocked",
          Pattern.CASE_INSENSITIVE);

  /** Enhanced codes of a mail that is too large (RFC 3463). */
  private static final Set<String> TOO_LARGE = Set.of("5.2.3", "5.3.4");

  /** An enhanced status code (RFC 3463) at the start of an answer: "550 5.1.1 no such user". */
  private static final Pattern ENHANCED =
      Pattern.compile("^\\d{3}[ -]([245])\\.(\\d{1,3})\\.(\\d{1,3})");

  /**
   * By enhanced status code, then by reply code, then by its first digit. RFC 5321: 4yz may work
   * later, 5yz will not. 421 closes the service to everyone, and 454, 530, 534 and 535 are about
   * our own credentials, whatever the enhanced code says (Gmail: "421 4.7.0" for an unusual rate,
   * "454 4.7.0" for a log-in that fails now). "550 5.4.5" is Gmail's daily limit, 5.1.90 Exchange
   * Online's, which bars a tenant by 5.7.705 and its address by 5.7.708; 5.7.60 is Exchange's for
   * who may not send as this sender. x.1.7 and x.1.8 are about the sender's address, 4.3.z about
   * the server (a full disk, a table that cannot be read), and 503 and 504 about how we speak.
   */
  private static final ErrorTable ERRORS =
      new ErrorTable(
          Map.ofEntries(
              Map.entry("4.7.0", Meaning.DEFER_MESSAGE),
              Map.entry("4.2.2", Meaning.DEFER_MESSAGE),
              Map.entry("4.3.2", Meaning.DEFER_SENDER),
              Map.entry("4.3", Meaning.DEFER_EITHER),
              Map.entry("4.1.7", Meaning.DEFER_SENDER),
              Map.entry("4.1.8", Meaning.DEFER_SENDER),
              Map.entry("5.1.7", Meaning.DEFER_SENDER),
              Map.entry("5.1.8", Meaning.DEFER_SENDER),
              Map.entry("4.4.2", Meaning.DEFER_SENDER),
              Map.entry("5.2.2", Meaning.DEFER_MESSAGE),
              Map.entry("5.4.5", Meaning.DEFER_SENDER),
              Map.entry("5.7.8", Meaning.DEFER_SENDER),
              Map.entry("5.7.60", Meaning.DEFER_SENDER),
              Map.entry("5.1.90", Meaning.DEFER_SENDER),
              Map.entry("5.7.705", Meaning.DEFER_SENDER),
              Map.entry("5.7.708", Meaning.DEFER_SENDER),
              Map.entry("421", Meaning.DEFER_SENDER),
              Map.entry("454", Meaning.DEFER_SENDER),
              Map.entry("503", Meaning.DEFER_SENDER),
              Map.entry("504", Meaning.DEFER_SENDER),
              Map.entry("530", Meaning.DEFER_SENDER),
              Map.entry("534", Meaning.DEFER_SENDER),
              Map.entry("535", Meaning.DEFER_SENDER),
              Map.entry("4yz", Meaning.DEFER_MESSAGE),
              Map.entry("5yz", Meaning.REJECT)),
          Meaning.DEFER_SENDER);

  private SmtpReplies() {}

  /** What a reply of this code means. */
  static Meaning meaning(MessagingException reason, String reply) {
    String enhanced = enhanced(reason);
    // What is said to MAIL FROM is of the sender, unless it is of the size that it announces.
    boolean ofSize = reply.equals("552") || TOO_LARGE.contains(enhanced);
    boolean ofSender = isOfSender(reason);
    boolean ofRecipient = isOfRecipient(reason);
    if ((ofSender && reply.startsWith("5") && !ofSize) || BLOCKED.matcher(said(reason)).find()) {
      return Meaning.DEFER_SENDER;
    }
    // To RCPT 454 may be of all recipients or of this one ("relay access denied"), and 504 is of
    // this one ("need fully-qualified address").
    boolean ofRelay = ofRecipient && reply.equals("454");
    boolean ofOne = ofRelay || (ofRecipient && reply.equals("504"));
    boolean maybeOfUs =
        ofRecipient
            && (MAYBE_OF_US.matcher(said(reason)).find() || NO_RELAY.matcher(said(reason)).find());
    String first = ABOUT_US.contains(reply) && !ofOne ? reply : enhanced;
    String subject = enhanced.isEmpty() ? "" : enhanced.substring(0, enhanced.lastIndexOf('.'));
    Meaning meaning = ERRORS.of(first, subject, ofOne ? "" : reply, reply.charAt(0) + "yz");
    boolean mayBeOfAll =
        switch (meaning) {
          case DEFER_MESSAGE -> ofSender || ofRelay || maybeOfUs;
          case REJECT -> maybeOfUs;
          default -> false;
        };
    return mayBeOfAll ? Meaning.DEFER_EITHER : meaning;
  }

  private static boolean isOfRecipient(MessagingException e) {
    return chain(e).anyMatch(SMTPAddressFailedException.class::isInstance);
  }

  private static boolean isOfSender(MessagingException e) {
    return chain(e)
        .anyMatch(cause ->
            cause instanceof SMTPSenderFailedException
                // The library calls it so for five of its codes only.
                || (cause instanceof SMTPSendFailedException send
                    && send.getCommand() != null
                    && send.getCommand().startsWith("MAIL")));
  }

  /** The server's reply code, from wherever in the chain it stands. */
  static Optional<Integer> replyCode(MessagingException e) {
    Optional<SMTPAddressFailedException> address =
        chain(e)
            .filter(SMTPAddressFailedException.class::isInstance)
            .map(SMTPAddressFailedException.class::cast)
            .findFirst();
    int code =
        address.isPresent()
            ? address.get().getReturnCode()
            : e instanceof SMTPSendFailedException send ? send.getReturnCode() : 0;
    // None where the server hung up, or said something without one.
    return code > 0 ? Optional.of(code) : Optional.empty();
  }

  private static Stream<Exception> chain(MessagingException e) {
    return Stream.iterate(e, Objects::nonNull, SmtpReplies::next);
  }

  private static @Nullable Exception next(Exception e) {
    return e instanceof MessagingException messaging ? messaging.getNextException() : null;
  }

  private static String enhanced(MessagingException e) {
    return chain(e)
        .map(cause -> ENHANCED.matcher(String.valueOf(cause.getMessage())))
        .filter(Matcher::find)
        .map(found -> found.group(1) + "." + found.group(2) + "." + found.group(3))
        .findFirst()
        .orElse("");
  }

  /** What the server said, without the recipient it may repeat. */
  static String detail(MessagingException e) {
    return Text.cleaned(said(e).replaceAll("\\S+@\\S+", "•••"), 200);
  }

  private static String said(MessagingException e) {
    Exception deepest = chain(e).reduce(e, (_, next) -> next);
    return String.valueOf(deepest.getMessage()).lines().findFirst().orElse("");
  }
}
