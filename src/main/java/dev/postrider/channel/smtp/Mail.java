package dev.postrider.channel.smtp;

import dev.postrider.channel.Content;
import dev.postrider.channel.Outbound;
import jakarta.activation.DataHandler;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.util.ByteArrayDataSource;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Composes a mail: text, HTML or both, and at most one attachment. */
final class Mail extends MimeMessage {
  private static final String UTF_8 = StandardCharsets.UTF_8.name();
  private final String messageId;

  private Mail(Session session, String messageId) {
    super(session);
    this.messageId = messageId;
  }

  /**
   * The same for every attempt of a message, so that duplicates collapse in the mailbox and bounces
   * find their message; and of no other: numbers come again in another installation, and after a
   * restore.
   */
  static String messageId(Outbound outbound) {
    String address = outbound.sender().address();
    String domain = address == null ? "localhost" : address.substring(address.lastIndexOf('@') + 1);
    return "<postrider-%d-%s@%s>"
        .formatted(
            outbound.messageId(),
            Long.toString(outbound.acceptedAt().toEpochMilli(), Character.MAX_RADIX),
            domain);
  }

  static MimeMessage compose(Session session, Outbound outbound) throws MessagingException {
    Content content = outbound.content();
    Mail mail = new Mail(session, messageId(outbound));
    String from = outbound.sender().address();
    InternetAddress sender = new InternetAddress(from == null ? "" : from, true);
    String name = outbound.sender().name();
    if (name != null) {
      named(sender, name);
    }
    mail.setFrom(sender);
    mail.setRecipient(RecipientType.TO, new InternetAddress(outbound.recipient(), true));
    mail.setSubject(content.subject() == null ? "" : content.subject(), UTF_8);
    for (Map.Entry<String, String> header : outbound.tracing().entrySet()) {
      mail.setHeader(header.getKey(), header.getValue());
    }
    mail.setSentDate(java.util.Date.from(outbound.date()));
    if (content.media() == null) {
      body(mail, content);
    } else {
      MimeMultipart mixed = new MimeMultipart("mixed");
      MimeBodyPart text = new MimeBodyPart();
      body(text, content);
      mixed.addBodyPart(text);
      mixed.addBodyPart(attachment(content.media()));
      mail.setContent(mixed);
    }
    mail.saveChanges();
    return mail;
  }

  private static void named(InternetAddress address, String name) {
    try {
      address.setPersonal(name, UTF_8);
    } catch (java.io.UnsupportedEncodingException e) {
      throw new IllegalStateException("UTF-8 is always there", e);
    }
  }

  private static void body(jakarta.mail.internet.MimePart part, Content content)
      throws MessagingException {
    @Nullable String html = content.html();
    String text = content.text() == null ? "" : content.text();
    if (html == null) {
      part.setText(text, UTF_8);
    } else if (content.text() == null) {
      part.setText(html, UTF_8, "html");
    } else {
      MimeMultipart both = new MimeMultipart("alternative");
      MimeBodyPart plain = new MimeBodyPart();
      plain.setText(text, UTF_8);
      MimeBodyPart rich = new MimeBodyPart();
      rich.setText(html, UTF_8, "html");
      both.addBodyPart(plain);
      both.addBodyPart(rich);
      part.setContent(both);
    }
  }

  private static MimeBodyPart attachment(Content.Media media) throws MessagingException {
    MimeBodyPart part = new MimeBodyPart();
    byte[] data = Objects.requireNonNull(media.data(), "an attachment has bytes");
    String type = declared(media.mimetype());
    part.setDataHandler(new DataHandler(new ByteArrayDataSource(data, type)));
    // Both said here, or the library chooses: a charset that nobody named, and for what looks like
    // text an encoding under which a server may end its lines anew.
    part.setHeader("Content-Type", type);
    part.setHeader("Content-Transfer-Encoding", "base64");
    part.setFileName(media.filename());
    part.setDisposition(MimeBodyPart.ATTACHMENT);
    return part;
  }

  /** Mails and what is made of parts may not be in base64 (RFC 2045, 6.4): they go as any file. */
  private static String declared(String mimetype) {
    return mimetype.startsWith("message/") || mimetype.startsWith("multipart/")
        ? "application/octet-stream"
        : mimetype;
  }

  @Override
  protected void updateMessageID() throws MessagingException {
    setHeader("Message-ID", messageId);
  }
}
