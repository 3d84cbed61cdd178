package dev.postrider.simulator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
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
  /**
   * What a conversation meets: an answer to one command, and what becomes of the connection.
   *
   * @param command its first four letters; "connect", "data" for the first line of a mail, and "."
   *     for its end
   * @param says what it says to it, without the end of its line; empty for nothing
   */
  public record Mood(String command, String says, Then then) {
    public static final Mood FINE = new Mood("none", "", Then.GO_ON);
    public static final Mood CLOSED = new Mood("connect", "421 4.3.2 closing", Then.RESET);
    public static final Mood FULL_DISK =
        new Mood("MAIL", "452 4.3.1 insufficient system storage", Then.GO_ON);
    public static final Mood NO_TABLES =
        new Mood("RCPT", "451 4.3.0 temporary lookup failure", Then.GO_ON);
    public static final Mood GREYLISTS = new Mood("RCPT", "450 4.7.1 try again later", Then.GO_ON);

    /** Before it has read the mail as a whole: a small one has left its sender by then. */
    public static final Mood LOSES_THE_REST = lost("data");

    /** It says no, and is gone before it is asked anything else. */
    public static final Mood REFUSES_AND_IS_GONE =
        new Mood(".", "550 5.7.1 not wanted", Then.RESET);

    /** It has taken the mail, and nobody is told. */
    public static final Mood TAKES_AND_IS_GONE = lost(".");

    /** It has taken the mail, and nobody is told for as long as he waits. */
    public static final Mood TAKES_AND_IS_SILENT = new Mood(".", "", Then.SAY_NOTHING);

    /** The connection is lost at this command. */
    public static Mood lost(String command) {
      return new Mood(command, "", Then.RESET);
    }

    boolean takes() {
      return !command.equals("data") && !says.startsWith("5");
    }
  }

  /** What becomes of the connection after the answer. */
  public enum Then {
    GO_ON,
    HANG_UP,
    RESET,
    /** As soon as it is spoken to once more. */
    RESET_WHEN_SPOKEN_TO,
    /** Until the other side hangs up. */
    SAY_NOTHING,
    /** Its answer has no end. */
    NEVER_END
  }

  /**
   * A mail that was there as a whole; told of before it is answered.
   *
   * @param recipient whom its envelope names
   * @param whole as it came, one character a byte
   * @param secret whether it came through TLS
   */
  public record Mail(Instant at, String recipient, String whole, Mood mood, boolean secret) {
    private static final String END_OF_HEAD = "\r\n\r\n";

    /** Whether it will be sent on, whatever its sender is told. */
    public boolean taken() {
      return mood.takes();
    }

    /** The first line of its text. */
    public String text() {
      return whole
          .substring(whole.indexOf(END_OF_HEAD) + END_OF_HEAD.length())
          .lines()
          .findFirst()
          .orElse("");
    }

    public String messageId() {
      return whole
          .substring(0, whole.indexOf(END_OF_HEAD))
          .lines()
          .filter(line -> line.startsWith("Message-ID:"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("");
    }
  }

  private static final String ENDLESS = "250-" + "x".repeat(1000) + "\r\n";
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
    try (socket) {
      if (answer(socket, mood, "connect", "220 mail")) {
        converse(socket, mood);
      }
    } catch (IOException _) {
      // the other side has gone
    }
  }

  private void converse(Socket socket, Mood mood) throws IOException {
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    boolean secret = socket instanceof SSLSocket;
    String recipient = "";
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String command = line.length() < 4 ? line : line.substring(0, 4);
      if (command.equals("STAR") && tls != null) {
        answer(socket, mood, command, "220 go on");
        converse(secured(socket, tls), mood);
        return;
      }
      if (!secret && !command.equals("EHLO")) {
        saidInTheClear.add(line);
      }
      if (command.equals("RCPT")) {
        recipient = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
      }
      String usual =
          switch (command) {
            case "EHLO" ->
                "250-mail\r\n" + (tls == null || secret ? "" : "250-STARTTLS\r\n") + OFFERS;
            case "AUTH" -> "235 2.7.0 welcome";
            case "DATA" -> "354 go on";
            case "QUIT" -> "221 bye";
            default -> "250 fine";
          };
      boolean goesOn = answer(socket, mood, command, usual);
      if (goesOn && command.equals("DATA")) {
        goesOn = take(recipient, in, socket, mood) && answer(socket, mood, ".", "250 taken");
      }
      if (!goesOn || command.equals("QUIT")) {
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

  /** Says what its mood has for this command, or what is usual; false when that was the end. */
  private static boolean answer(Socket socket, Mood mood, String command, String usual)
      throws IOException {
    boolean moody = mood.command.equals(command);
    say(socket, moody ? mood.says : usual);
    Then then = moody ? mood.then : Then.GO_ON;
    switch (then) {
      case GO_ON, HANG_UP -> {}
      case RESET -> socket.setSoLinger(true, 0);
      case RESET_WHEN_SPOKEN_TO -> {
        socket.getInputStream().read();
        socket.setSoLinger(true, 0);
      }
      case SAY_NOTHING -> socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      case NEVER_END -> {
        while (!socket.isClosed()) {
          socket.getOutputStream().write(ENDLESS.getBytes(StandardCharsets.US_ASCII));
        }
      }
    }
    return then == Then.GO_ON;
  }

  private static void say(Socket socket, String what) throws IOException {
    if (!what.isEmpty()) {
      socket.getOutputStream().write((what + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Reads a mail to its end; false when it does not get there. */
  private boolean take(String recipient, BufferedReader in, Socket socket, Mood mood)
      throws IOException {
    StringBuilder mail = new StringBuilder();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals(".")) {
        mails.incrementAndGet();
        listener.accept(
            new Mail(Instant.now(), recipient, mail.toString(), mood, socket instanceof SSLSocket));
        return true;
      }
      if (mail.isEmpty() && !answer(socket, mood, "data", "")) {
        return false;
      }
      // A line that begins with a dot was given one more (RFC 5321, 4.5.2).
      mail.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
    }
    return false;
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
