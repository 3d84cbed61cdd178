package dev.postrider.channel.smtp;

import dev.postrider.channel.SenderAccount;
import dev.postrider.channel.egress.EgressSockets;
import dev.postrider.channel.egress.Names;
import dev.postrider.platform.database.Transactions;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Hands one mail to an SMTP server, and knows how far it got. */
@Component
class SmtpClient implements AutoCloseable {
  /** How far a conversation got. */
  enum Stage {
    CONNECT,
    ENVELOPE,
    /** The final dot was written: from here on the server may have taken the mail (RFC 1047). */
    FINAL_DOT
  }

  /** What went wrong, and where. */
  static final class SmtpFailure extends Exception {
    private static final long serialVersionUID = 1L;
    private final Stage stage;
    private final boolean timedOut;
    private final MessagingException reason;

    SmtpFailure(Stage stage, boolean timedOut, MessagingException cause) {
      super(cause);
      this.stage = stage;
      this.timedOut = timedOut;
      this.reason = cause;
    }

    Stage stage() {
      return stage;
    }

    boolean timedOut() {
      return timedOut;
    }

    MessagingException reason() {
      return reason;
    }
  }

  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** A conversation about one mail is a few lines; the library would keep a reply without end. */
  private static final int MOST_READ = 256 * 1024;

  private final EgressSockets sockets;
  private final ScheduledThreadPoolExecutor deadlines =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("smtp-deadlines").factory());

  SmtpClient(EgressSockets sockets) {
    this.sockets = sockets;
    this.deadlines.setRemoveOnCancelPolicy(true);
  }

  /** A mail session for one conversation with a sender's server. */
  Session session(SenderAccount account, Duration deadline) {
    String security = account.setting("security").orElse("starttls");
    Properties properties = new Properties();
    properties.put("mail.smtp.host", account.setting("host").orElseThrow());
    properties.put("mail.smtp.port", port(account, security));
    properties.put("mail.smtp.connectiontimeout", Long.toString(CONNECT.toMillis()));
    properties.put("mail.smtp.timeout", Long.toString(deadline.toMillis()));
    properties.put("mail.smtp.writetimeout", Long.toString(deadline.toMillis()));
    properties.put("mail.smtp.auth", Boolean.toString(account.setting("username").isPresent()));
    properties.put("mail.smtp.ssl.enable", Boolean.toString(security.equals("tls")));
    properties.put("mail.smtp.starttls.enable", Boolean.toString(security.equals("starttls")));
    // Asked for TLS, a mail never goes without: a stripped STARTTLS is a failure.
    properties.put("mail.smtp.starttls.required", Boolean.toString(security.equals("starttls")));
    // A host the operator trusts by name need not prove it with its certificate.
    boolean trusted = account.setting("trust").isPresent();
    properties.put("mail.smtp.ssl.checkserveridentity", Boolean.toString(!trusted));
    account.setting("trust").ifPresent(hosts -> properties.put("mail.smtp.ssl.trust", hosts));
    account.setting("helo").ifPresent(name -> properties.put("mail.smtp.localhost", name));
    properties.put("mail.smtp.sendpartial", "false");
    // By then the mail's fate is decided: nobody waits for a goodbye.
    properties.put("mail.smtp.quitwait", "false");
    properties.put("mail.smtp.socketFactory.fallback", "false");
    return Session.getInstance(properties);
  }

  private static String port(SenderAccount account, String security) {
    return account.setting("port").orElse(security.equals("tls") ? "465" : "587");
  }

  void send(SenderAccount account, Session session, MimeMessage mail, Duration deadline)
      throws SmtpFailure {
    if (Transactions.isOpen()) {
      throw new IllegalStateException("no call to the outside inside a transaction");
    }
    Sockets own = new Sockets(account.trusted());
    session.getProperties().put("mail.smtp.socketFactory", own);
    Conversation conversation = new Conversation(session);
    Future<?> timer = deadlines.schedule(own::abort, deadline.toMillis(), TimeUnit.MILLISECONDS);
    try {
      // The library would ask for it, for as long as that takes; now its answer is remembered.
      Names.lookUp(account.setting("host").orElseThrow());
      conversation.connect(
          account.setting("username").orElse(null), account.credential("password").orElse(null));
      conversation.stage = Stage.ENVELOPE;
      conversation.sendMessage(mail, new InternetAddress[] {recipient(mail)});
    } catch (UnknownHostException e) {
      throw new SmtpFailure(Stage.CONNECT, false, new MessagingException(e.getMessage(), e));
    } catch (MessagingException e) {
      throw new SmtpFailure(conversation.stage, own.aborted, e);
    } finally {
      // Within the deadline, too: it closes what does not close.
      conversation.hangUp();
      timer.cancel(false);
    }
  }

  private static InternetAddress recipient(MimeMessage mail) throws MessagingException {
    return (InternetAddress) mail.getAllRecipients()[0];
  }

  @Override
  public void close() {
    deadlines.shutdownNow();
  }

  private static final class Conversation extends SMTPTransport {
    private Stage stage = Stage.CONNECT;

    Conversation(Session session) {
      super(session, new URLName("smtp", null, -1, null, null, null));
    }

    /**
     * There is one mail a conversation, so nothing is taken back. The library asks for it after
     * each no; where the server hangs up instead of answering, that no would be forgotten for it.
     */
    @Override
    public synchronized void issueCommand(String command, int expected) throws MessagingException {
      if (!command.equals("RSET")) {
        super.issueCommand(command, expected);
      }
    }

    @Override
    protected void finishData() throws IOException, MessagingException {
      stage = Stage.FINAL_DOT;
      super.finishData();
    }

    void hangUp() {
      try {
        close();
      } catch (MessagingException _) {
        // The mail's fate is decided; a rude goodbye changes nothing.
      }
    }
  }

  /** The sockets of one conversation, so that its deadline can cut it. */
  private final class Sockets extends SocketFactory {
    private final boolean trusted;
    private volatile @Nullable Socket current;
    private volatile boolean aborted;

    Sockets(boolean trusted) {
      this.trusted = trusted;
    }

    void abort() {
      aborted = true;
      Socket socket = current;
      if (socket != null) {
        try {
          socket.close();
        } catch (IOException _) {
          // Closed is what it should be.
        }
      }
    }

    @Override
    public Socket createSocket() {
      Socket socket = sockets.create(trusted, MOST_READ);
      current = socket;
      return socket;
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      return createSocket(host, port);
    }

    private Socket connected(InetSocketAddress target) throws IOException {
      Socket socket = createSocket();
      socket.connect(target, (int) CONNECT.toMillis());
      return socket;
    }
  }
}
