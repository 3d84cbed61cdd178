package dev.postrider.channel.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.postrider.channel.Content;
import dev.postrider.channel.Outbound;
import dev.postrider.channel.Provider;
import dev.postrider.channel.ProviderContract;
import dev.postrider.channel.SendResult;
import dev.postrider.channel.SendResult.Scope;
import dev.postrider.channel.SenderAccount;
import dev.postrider.channel.egress.EgressSockets;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Secret;
import dev.postrider.platform.Settings;
import dev.postrider.simulator.MailSimulator;
import dev.postrider.simulator.MailSimulator.Mood;
import dev.postrider.simulator.MailSimulator.Then;
import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmtpProviderTest implements ProviderContract {
  private final GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", "smtp"));
  private final SmtpClient client =
      new SmtpClient(new EgressSockets(Settings.read(Map.of(), false)));
  private final Provider provider = new SmtpProvider(client);

  @BeforeEach
  void start() {
    mail.start();
  }

  @AfterEach
  void stop() {
    client.close();
    mail.stop();
  }

  private static SenderAccount sender(int port, boolean trusted) {
    return sender("127.0.0.1", port, trusted);
  }

  private static SenderAccount sender(String host, int port, boolean trusted) {
    return new SenderAccount(
        1,
        1,
        "smtp",
        "shop@example.org",
        null,
        Map.of("host", host, "port", Integer.toString(port), "security", "none"),
        Map.of(),
        trusted);
  }

  @Override
  public Provider provider() {
    return provider;
  }

  @Override
  public SenderAccount goodSender() {
    return sender(mail.getSmtp().getPort(), true);
  }

  @Override
  public Optional<SenderAccount> deadSender() {
    return Optional.of(sender(1, true));
  }

  @Override
  public Map.Entry<String, String> recipient() {
    return Map.entry(" ana@EXAMPLE.org ", "ana@example.org");
  }

  @Override
  public Optional<String> sent(String header) {
    try {
      return Optional.of(mail.getReceivedMessages()[0].getHeader(header)[0]);
    } catch (MessagingException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public long arrivals(String text) {
    return Arrays.stream(mail.getReceivedMessages())
        .filter(it -> {
          try {
            return it.getContent().toString().contains(text);
          } catch (IOException | MessagingException e) {
            throw new IllegalStateException(e);
          }
        })
        .count();
  }

  @Test
  void aServerWhoseNameIsUnknownIsTheSendersTrouble() {
    assertThat(provider.send(outbound(sender("no.such.name.invalid", 25, true), "x")))
        .isInstanceOfSatisfying(
            SendResult.Deferred.class,
            it -> {
              assertThat(it.scope()).isEqualTo(SendResult.Scope.SENDER);
              assertThat(it.code()).isEqualTo("connect_failed");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "RCPT, 550 5.1.1 no such user, REJECTED",
    "RCPT, 450 4.2.1 try later, MESSAGE",
    "RCPT, 552 5.2.2 mailbox full, MESSAGE",
    "MAIL, 421 4.3.2 closing down, SENDER",
    "RCPT, 421 4.7.0 unusual rate of mail, SENDER",
    "MAIL, 454 4.7.0 temporary authentication failure, SENDER",
    ".,    550 5.4.5 daily sending limit exceeded, SENDER",
    "MAIL, 550 5.7.1 not allowed to send as this sender, SENDER",
    "MAIL, 552 5.3.4 message too big, REJECTED",
    "MAIL, 530 5.7.0 authenticate first, SENDER",
    "MAIL, 554 5.7.1 sender address rejected, SENDER",
    "MAIL, 571 5.7.1 blocked, SENDER",
    ".,    554 5.6.0 content refused, REJECTED",
    ".,    451 4.3.0 try later, EITHER",
    "MAIL, 452 4.3.1 insufficient system storage, EITHER",
    "MAIL, 450 4.7.1 try later, EITHER",
    "RCPT, 451 4.3.0 temporary lookup failure, EITHER",
    "RCPT, 454 4.7.1 relay access denied, EITHER",
    "RCPT, 554 5.7.1 <ana@example.org>: Relay access denied, EITHER",
    "RCPT, 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain, EITHER",
    "RCPT, 550 5.1.90 daily limit for message recipients, SENDER",
    "MAIL, 550 5.7.708 traffic not accepted from this IP, SENDER",
    "RCPT, 450 4.7.1 client host rejected: cannot find your hostname, EITHER",
    "RCPT, 553 5.7.1 Sender address rejected: not owned by user, EITHER",
    "RCPT, 550 5.1.8 Sender address rejected: Domain not found, SENDER",
    "RCPT, 504 5.5.2 <c0ffee>: Helo command rejected: need fully-qualified hostname, EITHER",
    "RCPT, 504 5.5.2 <ana@x>: Recipient address rejected: need fully-qualified address, REJECTED",
    "DATA, 503 5.5.1 bad sequence of commands, SENDER",
    "RCPT, 503 this server requires authentication, SENDER",
    "RCPT, 454 4.7.1 <a@x>: Sender address rejected: not now, EITHER",
    "RCPT, 554 5.7.1 Client host [192.0.2.1] blocked, SENDER",
    "RCPT, 550 5.7.1 Service unavailable; client [192.0.2.1] blocked using a list, SENDER",
    ".,    554 5.7.1 Service unavailable; Sender address [a@x] blocked using a list, SENDER",
    "RCPT, 550 5.7.1 we do not like this, REJECTED",
    ".,    252 2.0.0 taken, ACCEPTED",
    ".,    354 go on, UNCLEAR",
    ".,    -, UNCLEAR",
    "DATA, -, EITHER",
    "RCPT, -, EITHER",
    "EHLO, *, SENDER",
    "RCPT, *, EITHER",
    ".,    *, UNCLEAR"
  })
  void readsWhatTheServerSays(String command, String reply, String expected) {
    try (MailSimulator server = mail(mood(command, reply))) {
      SendResult result = provider.send(outbound(sender(server.port(), true), "x"));
      String seen =
          switch (result) {
            case SendResult.Rejected _ -> "REJECTED";
            case SendResult.Unclear _ -> "UNCLEAR";
            case SendResult.Deferred(Scope scope, _, _, _) -> scope.name();
            case SendResult.Accepted _ -> "ACCEPTED";
          };
      assertThat(seen).as(result.toString()).isEqualTo(expected);
      assertThat(result.toString()).doesNotContain("ana@example.org");
    }
  }

  /** One that hangs up at this command when its reply is "-", and goes on without end for "*". */
  private static Mood mood(String command, String reply) {
    return switch (reply) {
      case "-" -> new Mood(command, "", Then.HANG_UP);
      case "*" -> new Mood(command, "", Then.NEVER_END);
      default -> new Mood(command, reply, Then.GO_ON);
    };
  }

  private static MailSimulator mail(Mood mood) {
    MailSimulator server = new MailSimulator();
    server.moods(() -> mood);
    return server;
  }

  /** A server that takes eight bits, or ends lines its own way, changes none of them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "text/html",
        "text/csv",
        "text/calendar",
        "application/json",
        "message/rfc822",
        "multipart/mixed"
      })
  void anAttachmentArrivesByteForByte(String mimetype) throws Exception {
    byte[] data = "Grüße\nan alle\r\n\rund mehr".getBytes(StandardCharsets.UTF_8);
    Content content =
        new Content(
            Content.Type.FILE,
            "Grüße\nim Anhang",
            "Grüße",
            null,
            new Content.Media(null, data, mimetype, "grüße.txt"));
    AtomicReference<MailSimulator.Mail> came = new AtomicReference<>();
    try (MailSimulator server = mail(new Mood("EHLO", "250-mail\r\n250 8BITMIME", Then.GO_ON))) {
      server.listener(came::set);
      assertThat(provider.send(outbound(sender(server.port(), true), "").with(content)))
          .isInstanceOf(SendResult.Accepted.class);
      MimeMultipart parts =
          (MimeMultipart)
              new MimeMessage(
                      Session.getInstance(new Properties()),
                      new ByteArrayInputStream(
                          came.get().whole().getBytes(StandardCharsets.ISO_8859_1)))
                  .getContent();
      assertThat(parts.getBodyPart(0).getContent().toString())
          .isEqualToNormalizingNewlines("Grüße\nim Anhang");
      BodyPart attachment = parts.getBodyPart(1);
      assertThat(attachment.getInputStream().readAllBytes()).isEqualTo(data);
      assertThat(attachment.getContentType()).doesNotContain("charset");
      assertThat(attachment.getFileName()).isEqualTo("grüße.txt");
    }
  }

  /** What it has said counts, whatever becomes of the connection afterwards. */
  @ParameterizedTest
  @CsvSource({
    ".,    550 5.7.1 spam, smtp_550",
    "MAIL, 421 4.3.2 closing down, smtp_421",
    "RCPT, 550 5.1.1 no such user, smtp_550"
  })
  void aServerThatHangsUpAfterItsAnswerHasAnswered(String command, String reply, String code) {
    try (MailSimulator server = mail(new Mood(command, reply, Then.RESET_WHEN_SPOKEN_TO))) {
      SendResult result = provider.send(outbound(sender(server.port(), true), "x"));
      assertThat(result.toString()).contains(code);
    }
  }

  /**
   * A mail that is larger than what is written at once is not there yet: it cannot have been taken.
   */
  @Test
  void aConnectionLostInTheMiddleOfAMailIsNoDoubt() {
    try (MailSimulator server = mail(Mood.LOSES_THE_REST)) {
      Content large =
          new Content(
              Content.Type.FILE,
              "x",
              "x",
              null,
              new Content.Media(null, new byte[8_000_000], "application/pdf", "a.pdf"));
      assertThat(provider.send(outbound(sender(server.port(), true), "").with(large)))
          .isInstanceOfSatisfying(
              SendResult.Deferred.class,
              it -> {
                assertThat(it.scope()).isEqualTo(Scope.EITHER);
                assertThat(it.code()).isEqualTo("connection_lost");
              });
    }
  }

  /** One header line has 998 bytes (RFC 5322), and the library makes no two of it. */
  @Test
  void aNameThatMakesTooLongAHeaderIsRefused() {
    assertThat(provider.checkContent(file("名".repeat(98) + ".txt"))).isEmpty();
    assertThat(provider.checkContent(file("名".repeat(100) + ".txt")))
        .extracting(FieldError::field)
        .containsExactly("media.filename");
    assertThat(provider.checkContent(file("a".repeat(200)))).isEmpty();
    assertThat(provider.checkContent(file("名".repeat(80) + " ".repeat(61)))).hasSize(1);
  }

  private static Content file(String name) {
    return new Content(
        Content.Type.FILE,
        "x",
        "x",
        null,
        new Content.Media(null, new byte[1], "text/plain", name));
  }

  @Test
  void aMailCarriesTheTimeItIsSentForAndAnIdOfItsOwn() throws Exception {
    Outbound now = outbound(goodSender(), "dated");
    Instant later = now.acceptedAt().plus(Duration.ofDays(40));
    for (Instant accepted : List.of(now.acceptedAt(), now.acceptedAt().plusMillis(1))) {
      provider.send(
          new Outbound(
              now.messageId(),
              now.sender(),
              now.recipient(),
              now.content(),
              1,
              now.deadline(),
              accepted,
              later,
              null,
              "c",
              null));
    }
    MimeMessage[] mails = mail.getReceivedMessages();
    assertThat(mails[0].getSentDate().toInstant()).isEqualTo(later);
    assertThat(mails[0].getMessageID())
        .startsWith("<postrider-4711-")
        .isNotEqualTo(mails[1].getMessageID());
  }

  /** The default: no name, no password, no recipient and no word of a mail goes in the clear. */
  @Test
  void saysAllOfItThroughTlsOrNothing() throws Exception {
    List<MailSimulator.Mail> came = new CopyOnWriteArrayList<>();
    try (MailSimulator server = new MailSimulator(tls());
        MailSimulator stripped = new MailSimulator()) {
      server.listener(came::add);
      Map<String, String> secure = Map.of("security", "starttls");
      Map<String, String> trusting = Map.of("security", "starttls", "trust", "127.0.0.1");
      assertThat(send(server.port(), trusting)).isInstanceOf(SendResult.Accepted.class);
      assertThat(came).hasSize(1).allMatch(MailSimulator.Mail::secret);
      for (SendResult refused :
          List.of(
              send(server.port(), secure),
              send(server.port(), Map.of()),
              send(stripped.port(), trusting))) {
        assertThat(refused)
            .isInstanceOfSatisfying(
                SendResult.Deferred.class, it -> assertThat(it.scope()).isEqualTo(Scope.SENDER));
      }
      assertThat(came).hasSize(1);
      assertThat(server.saidInTheClear()).isEmpty();
      assertThat(stripped.saidInTheClear()).isEmpty();
    }
  }

  private SendResult send(int port, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("host", "127.0.0.1");
    settings.put("port", Integer.toString(port));
    settings.put("username", "shop");
    return provider.send(
        outbound(
            new SenderAccount(
                1,
                1,
                "smtp",
                "shop@example.org",
                null,
                settings,
                Map.of("password", new Secret("mail-password")),
                true),
            "secret"));
  }

  /** A certificate that nobody has vouched for. */
  private static SSLContext tls() throws Exception {
    char[] password = "changeit".toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream file = GreenMail.class.getResourceAsStream("/greenmail.p12")) {
      keys.load(file, password);
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  @Test
  @Timeout(20)
  void waitsForNoGoodbye() {
    try (MailSimulator server = mail(new Mood("QUIT", "", Then.SAY_NOTHING))) {
      assertThat(provider.send(outbound(sender(server.port(), true), "x")))
          .isInstanceOf(SendResult.Accepted.class);
    }
  }

  @Test
  void reachesNoPrivateAddressForACustomer() {
    SendResult result = provider.send(outbound(sender(mail.getSmtp().getPort(), false), "x"));
    assertThat(result).isInstanceOf(SendResult.Deferred.class);
    assertThat(mail.getReceivedMessages()).isEmpty();
  }
}
