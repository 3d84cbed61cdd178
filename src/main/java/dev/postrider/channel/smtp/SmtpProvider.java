package dev.postrider.channel.smtp;

import dev.postrider.channel.Content;
import dev.postrider.channel.EmailAddresses;
import dev.postrider.channel.ErrorTable;
import dev.postrider.channel.Outbound;
import dev.postrider.channel.Provider;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SenderAccount;
import dev.postrider.channel.SenderChecks;
import dev.postrider.channel.smtp.SmtpClient.SmtpFailure;
import dev.postrider.channel.smtp.SmtpClient.Stage;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Violations;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
      return new SendResult.Rejected("not_composed", SmtpReplies.detail(e), false);
    }
  }

  private static SendResult judge(SmtpFailure failure, String messageId) {
    MessagingException reason = failure.reason();
    Optional<Integer> code = SmtpReplies.replyCode(reason);
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
          SmtpReplies.meaning(reason, reply),
          "smtp_" + reply,
          SmtpReplies.detail(reason),
          Optional.empty());
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
          SendResult.Scope.EITHER, "connection_lost", SmtpReplies.detail(reason), Optional.empty());
    }
    String stage =
        reason instanceof AuthenticationFailedException ? "auth_failed" : "connect_failed";
    return SendResult.senderDeferred(stage, SmtpReplies.detail(reason));
  }
}
