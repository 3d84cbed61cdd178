package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.postrider.simulator.MailSimulator;
import dev.postrider.simulator.MailSimulator.Mood;
import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** E-mail: the booted service against a real SMTP server, in the clear and over TLS. */
class SmtpE2ETest {
  private static GreenMail mail;
  private static RunningService service;

  @BeforeAll
  static void start() {
    mail =
        new GreenMail(
            new ServerSetup[] {
              new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP),
              new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTPS)
            });
    mail.setUser("shop@example.org", "shop", "mail-password");
    mail.start();
    service =
        RunningService.start(
            Map.of(),
            "--postrider.circuit.first-wait=100ms",
            // Shorter than the test waits for what was tried twice.
            "--postrider.delivery.longest-retry=4s");
  }

  @AfterAll
  static void stop() {
    service.close();
    mail.stop();
  }

  private static TestApp app(String settings, String password) {
    TestApp app = service.app();
    Api.Answer answer =
        service
            .admin()
            .post(
                "/api/applications/" + app.id() + "/senders",
                "{\"provider\":\"smtp\",\"address\":\"shop@example.org\",\"name\":\"The Shop\","
                    + "\"settings\":{\"host\":\"127.0.0.1\","
                    + settings
                    + "}"
                    + (password.isEmpty()
                        ? ""
                        : ",\"credentials\":{\"password\":\"" + password + "\"}")
                    + "}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return app;
  }

  private static MimeMessage received(String subject) throws Exception {
    for (MimeMessage message : mail.getReceivedMessages()) {
      if (subject.equals(message.getSubject())) {
        return message;
      }
    }
    throw new AssertionError("no mail with subject " + subject);
  }

  @Test
  void sendsTextAndHtmlWithADeterministicMessageId() throws Exception {
    TestApp app =
        app(
            "\"port\":" + mail.getSmtp().getPort() + ",\"security\":\"none\",\"username\":\"shop\"",
            "mail-password");
    long id =
        app.api()
            .message(
                app.id(),
                "{\"message_content\":\"Grüße\\n.\\nend\",\"message_html\":\"<b>Grüße</b>\",\"subject\":\"Ihre Bestellung ✓\","
                    + "\"recipient\":\"ana@Example.ORG\"}");
    app.api().await(app.id(), id, "sent");
    MimeMessage message = received("Ihre Bestellung ✓");
    assertThat(message.getMessageID()).matches("<postrider-" + id + "-[0-9a-z]+@example\\.org>");
    assertThat(message.getFrom()[0]).hasToString("The Shop <shop@example.org>");
    assertThat(message.getAllRecipients()[0]).hasToString("ana@example.org");
    MimeMultipart parts = (MimeMultipart) message.getContent();
    assertThat(parts.getBodyPart(0).getContent().toString().replace("\r", ""))
        .isEqualTo("Grüße\n.\nend");
    assertThat(parts.getBodyPart(1).getContentType()).startsWith("text/html");
  }

  static List<Mood> outOfOrder() {
    return List.of(Mood.FULL_DISK, Mood.NO_TABLES, Mood.lost("RCPT"));
  }

  /** What a server says of each mail, and means of none of them. */
  @ParameterizedTest
  @MethodSource("outOfOrder")
  void aServerThatIsOutOfOrderFailsNobodysMail(Mood mood) {
    try (MailSimulator server = new MailSimulator()) {
      server.moods(() -> mood);
      TestApp app = app("\"port\":" + server.port() + ",\"security\":\"none\"", "");
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        ids.add(
            app.api()
                .message(
                    app.id(),
                    """
                    {"message_content":"x","subject":"x","max_attempts":5,
                     "recipient":"ana@example.org"}
                    """));
      }
      Eventually.value(
          () -> app.api().get("/api/events/" + app.id() + "?limit=1000").body(),
          it -> it.contains("sender.circuit_opened"));
      server.moods(() -> Mood.FINE);
      ids.forEach(id -> app.api().await(app.id(), id, "sent"));
    }
  }

  /** What is large is left in the database until it is sent; from memory, and from the table. */
  @ParameterizedTest
  @ValueSource(ints = {100, 30_000})
  void mailsAreSentWhole(int size) throws Exception {
    TestApp app = app("\"port\":" + mail.getSmtp().getPort() + ",\"security\":\"none\"", "");
    String text = "w ".repeat(size / 2);
    byte[] data = new byte[size];
    new Random(1).nextBytes(data);
    for (String when : List.of("now", "later")) {
      String more =
          when.equals("now") ? "" : ",\"scheduled_for\":\"" + Instant.now().plusMillis(500) + "\"";
      long id =
          app.api()
              .message(
                  app.id(),
                  """
                  {"message_content":"%s","message_html":"<p>%s</p>","subject":"%s",
                   "recipient":"ana@example.org","message_type":"file",
                   "media":{"data":"%s","mimetype":"application/octet-stream","filename":"a.bin"}%s}
                  """
                      .formatted(
                          text,
                          text,
                          size + " " + when,
                          Base64.getEncoder().encodeToString(data),
                          more));
      app.api().await(app.id(), id, "sent");
      MimeMultipart parts = (MimeMultipart) received(size + " " + when).getContent();
      MimeMultipart words = (MimeMultipart) parts.getBodyPart(0).getContent();
      assertThat(words.getBodyPart(0).getContent().toString().strip()).isEqualTo(text.strip());
      assertThat(words.getBodyPart(1).getContent().toString()).contains(text.strip());
      assertThat(parts.getBodyPart(1).getInputStream().readAllBytes()).isEqualTo(data);
    }
  }

  @Test
  void sendsOverImplicitTlsOnlyToWhomItTrusts() throws Exception {
    String tls = "\"port\":" + mail.getSmtps().getPort() + ",\"security\":\"tls\"";
    TestApp trusting = app(tls + ",\"trust\":\"127.0.0.1\"", "");
    long id =
        trusting
            .api()
            .message(
                trusting.id(),
                "{\"message_content\":\"x\",\"subject\":\"over tls\",\"recipient\":\"ana@example.org\"}");
    trusting.api().await(trusting.id(), id, "sent");
    assertThat(received("over tls")).isNotNull();

    TestApp careful = app(tls, "");
    long refused =
        careful
            .api()
            .message(
                careful.id(),
                "{\"message_content\":\"x\",\"subject\":\"to a stranger\",\"recipient\":\"ana@example.org\"}");
    lastCode(careful, refused, "connect_failed");
  }

  @Test
  void neverFallsBackToPlaintextWhenStarttlsIsMissing() {
    TestApp app = app("\"port\":" + mail.getSmtp().getPort() + ",\"security\":\"starttls\"", "");
    long id =
        app.api()
            .message(
                app.id(),
                "{\"message_content\":\"secret\",\"subject\":\"no tls\",\"recipient\":\"ana@example.org\"}");
    lastCode(app, id, "connect_failed");
    assertThat(mail.getReceivedMessages())
        .noneMatch(it -> {
          try {
            return "no tls".equals(it.getSubject());
          } catch (jakarta.mail.MessagingException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void waitsWhenItsOwnPasswordIsWrong() {
    TestApp app =
        app(
            "\"port\":" + mail.getSmtp().getPort() + ",\"security\":\"none\",\"username\":\"shop\"",
            "wrong");
    long id =
        app.api()
            .message(
                app.id(),
                "{\"message_content\":\"x\",\"recipient\":\"ana@example.org\",\"max_attempts\":1}");
    lastCode(app, id, "auth_failed");
    assertThat(app.api().show(app.id(), id).path("status").asString()).isIn("pending", "sending");
  }

  private static void lastCode(TestApp app, long id, String code) {
    dev.postrider.testing.Eventually.value(
        () -> app.api().show(app.id(), id).path("last_error").path("code").asString(""),
        code::equals);
  }
}
