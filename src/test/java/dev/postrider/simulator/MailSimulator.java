package dev.postrider.simulator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A mail server that can be in any mood: each conversation meets one. It tells its listener of each
 * mail that was there as a whole.
 */
public final class MailSimulator implements AutoCloseable {
  /** What a conversation meets: a word to one command, after which the server may hang up. */
  public enum Mood {
    FINE("none", "", false),
    CLOSED("connect", "421 4.3.2 closing", true),
    FULL_DISK("MAIL", "452 4.3.1 insufficient system storage", false),
    NO_TABLES("RCPT", "451 4.3.0 temporary lookup failure", false),
    GREYLISTED("RCPT", "450 4.7.1 try again later", false),
    HANGS_UP_AT_MAIL("MAIL", "", true),
    HANGS_UP_AT_RCPT("RCPT", "", true),
    HANGS_UP_AT_DATA("DATA", "", true),
    /** Before it has read it as a whole: a small one has left its sender by then. */
    HANGS_UP_IN_DATA("data", "", true),
    /** It says no, and is gone before it is asked anything else. */
    REFUSES_AND_HANGS_UP(".", "550 5.7.1 not wanted", true),
    /** It has taken the mail, and nobody is told. */
    TAKES_AND_HANGS_UP(".", "", true);

    private final String command;
    private final String word;
    private final boolean hangsUp;

    Mood(String command, String word, boolean hangsUp) {
      this.command = command;
      this.word = word;
      this.hangsUp = hangsUp;
    }

    boolean takes() {
      return this == FINE || this == TAKES_AND_HANGS_UP;
    }
  }

  /**
   * A mail that was there as a whole; told of before it is answered.
   *
   * @param text its first line
   * @param secret whether it came through TLS
   */
  public record Mail(
      Instant at, String text, String messageId, Mood mood, boolean taken, boolean secret) {}

  private static final String OFFERS = "250 AUTH PLAIN";

  private final ServerSocket server;
  private final @Nullable SSLContext tls;
  private final AtomicInteger mails = new AtomicInteger();
  private final Queue<String> saidInTheClear = new ConcurrentLinkedQueue<>();
  private volatile Supplier<Mood> moods = () -> Mood.FINE;
  private volatile Consumer<Mail> listener = _ -> {};

  public MailSimulator() {
    this(null);
  }

  /**
   * Starts it.
   *
   * @param tls with what it offers STARTTLS; null for none
   */
  public MailSimulator(@Nullable SSLContext tls) {
    this.tls = tls;
    try {
      server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().name("mail-simulator").start(this::acceptAll);
  }

  public int port() {
    return server.getLocalPort();
  }

  /** In which mood each conversation meets it from now on. */
  public void moods(Supplier<Mood> now) {
    moods = now;
  }

  public void listener(Consumer<Mail> told) {
    listener = told;
  }

  /** How many it had as a whole, taken or not. */
  public int mails() {
    return mails.get();
  }

  /** Commands that came without TLS, but for those that ask for it. */
  public List<String> saidInTheClear() {
    return List.copyOf(saidInTheClear);
  }

  private void acceptAll() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException _) {
        // closed, or the next one
      }
    }
  }

  private void serve(Socket socket) {
    Mood mood = moods.get();
    try (socket;
        PrintWriter out =
            new PrintWriter(socket.getOutputStream(), false, StandardCharsets.US_ASCII)) {
      if (say(out, mood, "connect", "220 mail")) {
        converse(socket, mood);
      }
      // A reset, not a polite end.
      socket.setSoLinger(true, 0);
    } catch (IOException _) {
      // the other side has gone
    }
  }

  private void converse(Socket socket, Mood mood) throws IOException {
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    PrintWriter out = new PrintWriter(socket.getOutputStream(), false, StandardCharsets.US_ASCII);
    boolean secret = socket instanceof SSLSocket;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String command = line.length() < 4 ? line : line.substring(0, 4);
      if (command.equals("QUIT")) {
        out.print("221 bye\r\n");
        out.flush();
        return;
      }
      if (command.equals("STAR") && tls != null) {
        say(out, mood, command, "220 go on");
        converse(secured(socket, tls), mood);
        return;
      }
      if (!secret && !command.equals("EHLO")) {
        saidInTheClear.add(line);
      }
      boolean data = command.equals("DATA");
      String usual =
          switch (command) {
            case "EHLO" ->
                "250-mail\r\n" + (tls == null || secret ? "" : "250-STARTTLS\r\n") + OFFERS;
            case "AUTH" -> "235 2.7.0 welcome";
            case "DATA" -> "354 go on";
            default -> "250 fine";
          };
      if (!say(out, mood, command, usual)) {
        return;
      }
      if (data && !(take(in, mood, secret) && say(out, mood, ".", "250 taken"))) {
        return;
      }
    }
  }

  /** Whoever speaks to it waits for its word before he goes on, so that nothing of his is lost. */
  private static Socket secured(Socket socket, SSLContext tls) throws IOException {
    SSLSocket secured =
        (SSLSocket) tls.getSocketFactory().createSocket(socket, null, socket.getPort(), true);
    secured.setUseClientMode(false);
    secured.startHandshake();
    return secured;
  }

  /** Says its word, or what is usual; false when it hangs up. */
  private static boolean say(PrintWriter out, Mood mood, String command, String usual) {
    boolean ill = mood.command.equals(command);
    String said = ill ? mood.word : usual;
    if (!said.isEmpty()) {
      out.print(said + "\r\n");
      out.flush();
    }
    return !(ill && mood.hangsUp);
  }

  /** Reads a mail to its end; false when it does not get there. */
  private boolean take(BufferedReader in, Mood mood, boolean secret) throws IOException {
    StringBuilder mail = new StringBuilder();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals(".")) {
        mails.incrementAndGet();
        listener.accept(mail(mail.toString(), mood, secret));
        return true;
      }
      if (mood.command.equals("data")) {
        return false;
      }
      mail.append(line).append('\n');
    }
    return false;
  }

  private static Mail mail(String text, Mood mood, boolean secret) {
    int head = text.indexOf("\n\n");
    String id =
        Arrays.stream(text.substring(0, head).split("\n"))
            .filter(line -> line.startsWith("Message-ID:"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("");
    return new Mail(
        Instant.now(),
        text.substring(head + 2).lines().findFirst().orElse(""),
        id,
        mood,
        mood.takes(),
        secret);
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
