package dev.postrider.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One caller on one keep-alive connection, doing as little as it can besides waiting. Where its
 * answer ends the connection, it makes another for its next request.
 */
final class Caller implements AutoCloseable {
  private final int port;
  private final byte[] line = new byte[8192];
  private @Nullable Connection connection;

  private record Connection(Socket socket, InputStream in, OutputStream out) {
    static Connection to(int port) throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(30_000);
      return new Connection(
          socket, new BufferedInputStream(socket.getInputStream(), 2048), socket.getOutputStream());
    }
  }

  Caller(int port) {
    this.port = port;
  }

  static byte[] post(String path, String key, String body) {
    return request(path, "X-Api-Key: " + key, body);
  }

  /** A POST with headers of its own. */
  static byte[] request(String path, String headers, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return ("POST "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\n"
            + headers
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + bytes.length
            + "\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Sends a request and reads its answer; returns the status. */
  int call(byte[] request) throws IOException {
    if (connection == null) {
      connection = Connection.to(port);
    }
    connection.out().write(request);
    InputStream in = connection.in();
    int status = status(readLine(in));
    int length = -1;
    boolean chunked = false;
    boolean last = false;
    for (int n = readLine(in); n > 0; n = readLine(in)) {
      if (startsWith("content-length:")) {
        length = Integer.parseInt(new String(line, 15, n - 15, StandardCharsets.US_ASCII).strip());
      } else if (startsWith("transfer-encoding:")) {
        chunked = true;
      } else if (startsWith("connection: close")) {
        last = true;
      }
    }
    if (chunked) {
      for (int n = chunkSize(in); n > 0; n = chunkSize(in)) {
        in.skipNBytes(n + 2);
      }
      readLine(in);
    } else {
      in.skipNBytes(length);
    }
    if (last) {
      close();
    }
    return status;
  }

  private int chunkSize(InputStream in) throws IOException {
    int n = readLine(in);
    return Integer.parseInt(new String(line, 0, n, StandardCharsets.US_ASCII).strip(), 16);
  }

  private boolean startsWith(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (Character.toLowerCase((char) line[i]) != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private int status(int n) {
    return Integer.parseInt(new String(line, 9, Math.min(3, n - 9), StandardCharsets.US_ASCII));
  }

  private int readLine(InputStream in) throws IOException {
    int n = 0;
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException();
      }
      if (c != '\r') {
        line[n++] = (byte) c;
      }
    }
    return n;
  }

  @Override
  public void close() throws IOException {
    if (connection != null) {
      connection.socket().close();
      connection = null;
    }
  }
}
