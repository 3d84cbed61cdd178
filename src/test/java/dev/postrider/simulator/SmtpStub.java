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

/**
 * An SMTP server that answers one command as it is told to, and hangs up on it when told {@link
 * #HANG_UP}. A rude one resets the connection as soon as it is spoken to after that.
 */
public final class SmtpStub implements AutoCloseable {
  public static final String HANG_UP = "-";

  /** It says nothing to the command, and keeps the connection. */
  public static final String SILENCE = "…";

  /** Its answer to the command has no end. */
  public static final String ENDLESS = "*";

  private static final String MORE = "250-" + "x".repeat(1000) + "\r\n";

  private final ServerSocket server;
  private final String command;
  private volatile String reply;
  private final boolean rude;
  private volatile String mail = "";

  /**
   * Starts it.
   *
   * @param command the command to answer so; "." is the end of the data
   */
  public SmtpStub(String command, String reply) {
    this(command, reply, false);
  }

  public SmtpStub(String command, String reply, boolean rude) {
    this.command = command;
    this.reply = reply;
    this.rude = rude;
    try {
      server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::serve);
  }

  /** What it answers to its command from now on. */
  public void reply(String now) {
    reply = now;
  }

  public int port() {
    return server.getLocalPort();
  }

  private void serve() {
    while (true) {
      try (Socket socket = server.accept();
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
          PrintWriter out =
              new PrintWriter(socket.getOutputStream(), true, StandardCharsets.US_ASCII)) {
        out.print("220 stub\r\n");
        out.flush();
        converse(in, out);
        if (rude) {
          socket.setSoLinger(true, 0);
        }
      } catch (IOException _) {
        if (server.isClosed()) {
          return;
        }
      }
    }
  }

  /** The mail that was taken last, as it came. */
  public byte[] mail() {
    return mail.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void converse(BufferedReader in, PrintWriter out) throws IOException {
    boolean data = false;
    StringBuilder lines = new StringBuilder();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (data && !line.equals(".")) {
        // A line that begins with a dot was given one more (RFC 5321, 4.5.2).
        lines.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
        continue;
      }
      if (data) {
        mail = lines.toString();
      }
      String answer = data ? "250 taken" : line.startsWith("DATA") ? "354 go on" : "250 fine";
      if (line.startsWith(command)) {
        String now = reply;
        switch (now) {
          case HANG_UP -> {
            return;
          }
          case SILENCE -> {
            while (in.readLine() != null) {}
            return;
          }
          case ENDLESS -> {
            // Until the other side hangs up.
            while (!out.checkError()) {
              out.print(MORE);
            }
            return;
          }
          default -> {}
        }
        answer = now;
      }
      data = answer.startsWith("354");
      out.print(answer + "\r\n");
      out.flush();
      if (rude && line.startsWith(command)) {
        in.readLine();
        return;
      }
    }
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
