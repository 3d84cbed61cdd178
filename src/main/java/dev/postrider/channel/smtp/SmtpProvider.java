package dev.postrider.channel.smtp;

import dev.postrider.channel.Content;
import dev.postrider.channel.EmailAddresses;
import dev.postrider.channel.ErrorTable;
import dev.postrider.channel.ErrorTable.Meaning;
import dev.postrider.channel.Outbound;
import dev.postrider.channel.Provider;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SenderAccount;
import dev.postrider.channel.SenderChecks;
import dev.postrider.channel.smtp.SmtpClient.SmtpFailure;
import dev.postrider.channel.smtp.SmtpClient.Stage;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Text;
import dev.postrider.platform.Violations;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** E-mail through an SMTP server: STARTTLS or implicit TLS, one recipient a mail. */
@Component
class SmtpProvider implements Provider {
  private static final int MAX_TEXT = 100_000;
  private static final int MAX_SUBJECT = 255;
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** Percent-encoded in one line of a header, which may have 998 bytes (RFC 5322, 2.1.1). */
  private static final int MAX_FILENAME = 900;

  /** Replies that are about the service or our credentials, whatever else they say. */
  private static final Set<String> ABOUT_US = Set.of("421", "454");

  /**
   * What Postfix says to RCPT, where it says all of it unless it is told otherwise: of us, or of
   * this recipient by a rule that asks for both.
   */
  private static final Pattern MAYBE_OF_US =
      Pattern.compile(
          "(Sender address|Helo command|Client host) rejected|Client host \\[[^]]*] rejected",
          Pattern.CASE_INSENSITIVE);

  /** A block list's word is about nobody but us. */
  private static final Pattern BLOCKED =
      Pattern.compile("Client host \\[[^]]*] blocked", Pattern.CASE_INSENSITIVE);

  /** Enhanced codes of a mail that is too large (RFC 3463). */
  private static final Set<String> TOO_LARGE = Set.of("5.2.3", "5.3.4");

  /** An enhanced status code (RFC 3463) at the start of an answer: "550 5.1.1 no such user". */
  private static final Pattern ENHANCED =
      Pattern.compile("^\\d{3}[ -]([245])\\.(\\d{1,3})\\.(\\d{1,3})");

  /**
   * By enhanced status code, then by reply code, then by its first digit. RFC 5321: 4yz may work
   * later, 5yz will not. 421 closes the service to everyone, and 454, 530, 534 and 535 are about
   * our own credentials, whatever the enhanced code says (Gmail: "421 4.7.0" for an unusual rate,
   * "454 4.7.0" for a log-in that fails now). "550 5.4.5" is Gmail's daily limit, and 5.7.60
   * Exchange's for who may not send as this sender. x.1.7 and x.1.8 are about the sender's address,
   * 4.3.z about the server (a full disk, a table that cannot be read), and 503 and 504 about how we
   * speak.
   */
  static final ErrorTable ERRORS =
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

  private final SmtpClient client;

  SmtpProvider(SmtpClient client) {
    this.client = client;
  }

  @Override
  public String name() {
    return "smtp";
  }

  @Override
  public String channel() {
    return "email";
  }

  /** A server has the mail then; what comes back later is a mail, too. */
  @Override
  public boolean reports() {
    return false;
  }

  @Override
  public boolean carriesHtml() {
    return true;
  }

  @Override
  public Duration deadline() {
    return DEADLINE;
  }

  @Override
  public List<FieldError> checkSender(SenderAccount account) {
    SenderChecks checks =
        new SenderChecks(account)
            .known(
                Set.of("host", "port", "security", "username", "helo", "trust"), Set.of("password"))
            .required("host")
            .port("port")
            .oneOf("security", Set.of("starttls", "tls", "none"));
    Violations violations = checks.violations();
    account
        .setting("host")
        .ifPresent(host ->
            violations.require(
                host.matches("[A-Za-z0-9.:-]{1,253}"), "settings.host", "must be a host name"));
    account
        .setting("helo")
        .ifPresent(name ->
            violations.require(
                name.matches("[A-Za-z0-9.-]{1,253}"), "settings.helo", "must be a host name"));
    boolean username = account.setting("username").isPresent();
    boolean password = account.credential("password").isPresent();
    violations.require(
        username == password,
        "credentials.password",
        "is required with settings.username, and only then");
    violations.require(
        !account.setting("trust").isPresent() || account.trusted(),
        "settings.trust",
        "may be set by the operator only: it accepts a server whose certificate does not check out");
    if (account.address() == null) {
      violations.add("address", "is required: the address mails come from");
    } else if (EmailAddresses.parse(account.address()) instanceof Checked.Bad bad) {
      violations.add("address", bad.detail());
    }
    return violations.errors();
  }

  @Override
  public Checked recipient(String raw) {
    return EmailAddresses.parse(raw);
  }

  @Override
  public List<FieldError> checkContent(Content content) {
    Violations violations = new Violations();
    violations.text("message_content", content.text(), MAX_TEXT);
    violations.text("message_html", content.html(), MAX_TEXT);
    violations.line("subject", content.subject(), MAX_SUBJECT);
    if (content.media() != null) {
      violations.require(
          content.media().data() != null,
          "media.data",
          "is required for e-mail: attachments are sent by value");
      violations.require(
          encodedLength(content.media().filename()) <= MAX_FILENAME,
          "media.filename",
          "must have at most "
              + MAX_FILENAME
              + " bytes for e-mail, of which each counts for three that is no ASCII letter, digit,"
              + " dot, hyphen or underscore");
    }
    return violations.errors();
  }

  private static int encodedLength(@Nullable String name) {
    return name == null
        ? 0
        : name.getBytes(StandardCharsets.UTF_8).length
            + 2 * name.replaceAll("[A-Za-z0-9._-]", "").getBytes(StandardCharsets.UTF_8).length;
  }

  @Override
  public SendResult send(Outbound outbound) {
    SenderAccount account = outbound.sender();
    try {
      Session session = client.session(account, outbound.deadline());
      MimeMessage mail = Mail.compose(session, outbound);
      client.send(account, session, mail, outbound.deadline());
      return new SendResult.Accepted(Mail.messageId(outbound));
    } catch (SmtpFailure failure) {
      return judge(failure, Mail.messageId(outbound));
    } catch (MessagingException e) {
      return new SendResult.Rejected("not_composed", detail(e));
    }
  }

  private static SendResult judge(SmtpFailure failure, String messageId) {
    MessagingException reason = failure.reason();
    Optional<Integer> code = replyCode(reason);
    if (code.isPresent() && failure.stage() == Stage.FINAL_DOT && code.get() < 400) {
      // By its first digit (RFC 5321, 4.3.2): the library knows of 250 only.
      return code.get() / 100 == 2
          ? new SendResult.Accepted(messageId)
          : new SendResult.Unclear(
              "smtp_" + code.get(),
              "the answer to the final dot is neither a yes nor a no",
              Optional.of(messageId));
    }
    if (code.isPresent()) {
      String reply = Integer.toString(code.get());
      return ErrorTable.answer(
          meaning(reason, reply), "smtp_" + reply, detail(reason), Optional.empty());
    }
    if (failure.stage() == Stage.FINAL_DOT) {
      return new SendResult.Unclear(
          failure.timedOut() ? "timeout_after_write" : "reset_after_write",
          "the connection ended after the final dot",
          Optional.of(messageId));
    }
    if (failure.stage() == Stage.ENVELOPE) {
      // The server talks to us, but not about this mail: it may be the mail, or the server.
      return new SendResult.Deferred(
          SendResult.Scope.EITHER, "connection_lost", detail(reason), Optional.empty());
    }
    String stage =
        reason instanceof AuthenticationFailedException ? "auth_failed" : "connect_failed";
    return SendResult.senderDeferred(stage, detail(reason));
  }

  private static Meaning meaning(MessagingException reason, String reply) {
    String enhanced = enhanced(reason);
    // What is said to MAIL FROM is of the sender, unless it is of the size that it announces.
    boolean ofSize = reply.equals("552") || TOO_LARGE.contains(enhanced);
    boolean ofSender = isOfSender(reason);
    boolean ofRecipient = isOfRecipient(reason);
    if ((ofSender && reply.startsWith("5") && !ofSize)
        || (ofRecipient && BLOCKED.matcher(said(reason)).find())) {
      return Meaning.DEFER_SENDER;
    }
    // To RCPT 454 may be of all recipients or of this one ("relay access denied"), and 503 and 504
    // are of this one ("need fully-qualified address").
    boolean ofOne = ofRecipient && Set.of("454", "503", "504").contains(reply);
    String first = ABOUT_US.contains(reply) && !ofOne ? reply : enhanced;
    String subject = enhanced.isEmpty() ? "" : enhanced.substring(0, enhanced.lastIndexOf('.'));
    Meaning meaning = ERRORS.of(first, subject, ofOne ? "" : reply, reply.charAt(0) + "yz");
    boolean unsaid =
        meaning == Meaning.DEFER_MESSAGE && (ofSender || (ofOne && reply.equals("454")));
    boolean maybeOfUs =
        meaning != Meaning.DEFER_SENDER && ofRecipient && MAYBE_OF_US.matcher(said(reason)).find();
    return unsaid || maybeOfUs ? Meaning.DEFER_EITHER : meaning;
  }

  private static boolean isOfRecipient(MessagingException e) {
    for (Exception cause = e; cause != null; cause = next(cause)) {
      if (cause instanceof SMTPAddressFailedException) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOfSender(MessagingException e) {
    for (Exception cause = e; cause != null; cause = next(cause)) {
      if (cause instanceof SMTPSenderFailedException
          // The library calls it so for five of its codes only.
          || (cause instanceof SMTPSendFailedException send
              && send.getCommand() != null
              && send.getCommand().startsWith("MAIL"))) {
        return true;
      }
    }
    return false;
  }

  /** The server's reply code, from wherever in the chain it stands. */
  private static Optional<Integer> replyCode(MessagingException e) {
    for (Exception cause = e; cause != null; cause = next(cause)) {
      if (cause instanceof SMTPAddressFailedException address) {
        return replyCode(address.getReturnCode());
      }
    }
    return e instanceof SMTPSendFailedException send
        ? replyCode(send.getReturnCode())
        : Optional.empty();
  }

  /** None where the server hung up, or said something without one. */
  private static Optional<Integer> replyCode(int code) {
    return code > 0 ? Optional.of(code) : Optional.empty();
  }

  private static @Nullable Exception next(Exception e) {
    return e instanceof MessagingException messaging ? messaging.getNextException() : null;
  }

  private static String enhanced(MessagingException e) {
    for (Exception cause = e; cause != null; cause = next(cause)) {
      Matcher matcher = ENHANCED.matcher(String.valueOf(cause.getMessage()));
      if (matcher.find()) {
        return matcher.group(1) + "." + matcher.group(2) + "." + matcher.group(3);
      }
    }
    return "";
  }

  /** What the server said, without the recipient it may repeat. */
  private static String detail(MessagingException e) {
    return Text.cleaned(said(e).replaceAll("\\S+@\\S+", "•••"), 200);
  }

  private static String said(MessagingException e) {
    Exception deepest = e;
    for (Exception cause = next(e); cause != null; cause = next(cause)) {
      deepest = cause;
    }
    return String.valueOf(deepest.getMessage()).lines().findFirst().orElse("");
  }
}
