package dev.postrider.simulator;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP/1.1 server that can also misbehave: cut the connection, drip, or never answer. A
 * virtual thread a connection, keep-alive, Content-Length only. It costs little CPU, so that a
 * bench measures the service.
 */
public final class HttpStub implements AutoCloseable {

  /** A request as it came; header names in lower case. */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  public record Request(String method, String path, Map<String, String> headers, byte[] body) {
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    public String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** What to do about a request. */
  public sealed interface Answer {
    /** An ordinary answer. */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Full(int status, Map<String, String> headers, byte[] body) implements Answer {}

    /** The connection is reset instead of an answer. */
    record Reset() implements Answer {}

    /** No answer, for as long as the client waits. */
    record Silence() implements Answer {}

    /** One byte of a long answer a tenth of a second, without end. */
    record Drip() implements Answer {}

    /**
     * Bytes as they are, whatever they mean, then the same piece over and over until the client
     * hangs up (an empty piece: the connection ends).
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Raw(byte[] head, byte[] piece) implements Answer {
      public static Raw of(String head, String piece) {
        return new Raw(
            head.getBytes(StandardCharsets.ISO_8859_1),
            piece.getBytes(StandardCharsets.ISO_8859_1));
      }
    }
  }

  private volatile @Nullable Request last;

  public static Answer json(int status, String body) {
    return new Answer.Full(
        status, Map.of("Content-Type", "application/json"), body.getBytes(StandardCharsets.UTF_8));
  }

  private final ServerSocket server;
  private final Function<Request, Answer> handler;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  public HttpStub(Function<Request, Answer> handler) {
    this(0, handler);
  }

  public HttpStub(int port, Function<Request, Answer> handler) {
    this.handler = handler;
    try {
      server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().name("http-stub").start(this::acceptAll);
  }

  /** A header of the last request, by any spelling of its name; "" where it had none. */
  public String lastHeader(String name) {
    Request request = last;
    return request == null ? "" : request.header(name.toLowerCase(Locale.ROOT));
  }

  public int port() {
    return server.getLocalPort();
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  private void acceptAll() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException _) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 4096);
      OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 4096);
      while (true) {
        Request request = read(in);
        last = request;
        if (!answer(socket, in, out, handler.apply(request))) {
          return;
        }
      }
    } catch (IOException _) {
      // The client is gone; what it sent is in the journal.
    } finally {
      open.remove(socket);
    }
  }

  @SuppressWarnings("RefactorSwitch") // each case writes differently
  private static boolean answer(Socket socket, InputStream in, OutputStream out, Answer answer)
      throws IOException {
    switch (answer) {
      case Answer.Full(var status, var headers, var body) -> {
        StringBuilder head = new StringBuilder(128);
        head.append("HTTP/1.1 ")
            .append(status)
            .append(" x\r\nContent-Length: ")
            .append(body.length);
        headers.forEach(
            (name, value) -> head.append("\r\n").append(name).append(": ").append(value));
        head.append("\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
        out.flush();
        return true;
      }
      case Answer.Reset() -> {
        socket.setSoLinger(true, 0);
        return false;
      }
      case Answer.Silence() -> {
        while (in.read() >= 0) {
          // until the client hangs up
        }
        return false;
      }
      case Answer.Drip() -> {
        out.write(
            "HTTP/1.1 200 x\r\nContent-Length: 100000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
        drip(socket, out);
        return false;
      }
      case Answer.Raw(var head, var piece) -> {
        out.write(head);
        out.flush();
        while (piece.length > 0) {
          out.write(piece);
        }
        return false;
      }
    }
  }

  private static void drip(Socket socket, OutputStream out) throws IOException {
    socket.setSoTimeout(100);
    while (true) {
      out.write('x');
      out.flush();
      try {
        if (socket.getInputStream().read() < 0) {
          return;
        }
      } catch (java.net.SocketTimeoutException _) {
        // that was the pause between two drops
      }
    }
  }

  private static Request read(InputStream in) throws IOException {
    String start = line(in);
    String[] parts = start.split(" ", 3);
    if (parts.length < 3) {
      throw new SocketException("not a request: " + start);
    }
    Map<String, String> headers = new HashMap<>();
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException();
    }
    return new Request(parts[0], parts[1], headers, body);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(64);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException();
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
