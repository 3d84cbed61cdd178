package dev.postrider.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A wire that can be hurt: forwards to a port on this machine, and resets, goes silent, slows down,
 * breaks in the middle of a request or an answer, or swallows the acknowledgement of a COMMIT.
 */
public final class TcpProxy implements AutoCloseable {
  /** PostgreSQL's CommandComplete for COMMIT: type, length, tag. */
  private static final byte[] COMMITTED =
      "C\0\0\0\u000bCOMMIT\0".getBytes(StandardCharsets.ISO_8859_1);

  private enum State {
    OPEN,
    CUT,
    SILENT
  }

  private static final class Wire {
    final Socket client;
    final Socket far;
    volatile boolean silent;

    Wire(Socket client, Socket far) {
      this.client = client;
      this.far = far;
    }

    void reset() {
      TcpProxy.reset(client);
      TcpProxy.reset(far);
    }
  }

  private volatile ServerSocket server;
  private final int port;
  private final int target;
  private volatile boolean closed;
  private final Set<Wire> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger commitsToSwallow = new AtomicInteger();
  private final AtomicInteger commitsSwallowed = new AtomicInteger();
  private final AtomicInteger requestsToBreak = new AtomicInteger();
  private final AtomicInteger answersToBreak = new AtomicInteger();
  private volatile State state = State.OPEN;
  private volatile long delayNanos;

  public TcpProxy(int target) {
    this.target = target;
    this.server = listen(0);
    this.port = server.getLocalPort();
    Thread.ofPlatform().daemon().name("tcp-proxy").start(this::acceptAll);
  }

  private static ServerSocket listen(int port) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return port;
  }

  /** Nobody listens: every connection is reset, and every new one is refused. */
  public void refuse() {
    closeServer();
    open.forEach(Wire::reset);
  }

  /** Resets every connection, and every new one. */
  public void cut() {
    state = State.CUT;
    open.forEach(Wire::reset);
  }

  /**
   * Swallows every byte of every connection, new ones included, without a word. After healing new
   * connections work; those that were open then stay silent, as when a server was replaced.
   */
  public void blackhole() {
    state = State.SILENT;
    open.forEach(wire -> wire.silent = true);
  }

  public void heal() {
    state = State.OPEN;
    if (server.isClosed()) {
      server = listen(port);
    }
    delayNanos = 0;
    commitsToSwallow.set(0);
    requestsToBreak.set(0);
    answersToBreak.set(0);
  }

  /** Holds each piece back for so long, in both directions. */
  public void delay(java.time.Duration by) {
    delayNanos = by.toNanos();
  }

  /** Lets the next so many COMMITs happen and swallows the word of it: the connection resets. */
  public void swallowCommits(int count) {
    commitsToSwallow.set(count);
  }

  public int commitsSwallowed() {
    return commitsSwallowed.get();
  }

  /** Forwards half of each of the next so many pieces towards the server, then resets. */
  public void breakRequests(int count) {
    requestsToBreak.set(count);
  }

  /** Forwards half of each of the next so many pieces from the server, then resets. */
  public void breakAnswers(int count) {
    answersToBreak.set(count);
  }

  private void acceptAll() {
    while (!closed) {
      try {
        Socket client = server.accept();
        switch (state) {
          case CUT -> reset(client);
          case SILENT -> join(new Wire(client, new Socket()), true);
          case OPEN -> {
            Socket far = connect();
            if (far == null) {
              reset(client);
            } else {
              join(new Wire(client, far), false);
            }
          }
        }
      } catch (IOException _) {
        // Nobody listens for a while.
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  /** Null where the target is not there: the client sees it at once, as it would without us. */
  private @Nullable Socket connect() {
    try {
      return new Socket(InetAddress.getLoopbackAddress(), target);
    } catch (IOException _) {
      return null;
    }
  }

  private void join(Wire wire, boolean silent) throws IOException {
    wire.silent = silent;
    open.add(wire);
    wire.client.setTcpNoDelay(true);
    Thread.ofVirtual().start(() -> pump(wire, wire.client, wire.far, true));
    if (!silent) {
      wire.far.setTcpNoDelay(true);
      Thread.ofVirtual().start(() -> pump(wire, wire.far, wire.client, false));
    }
  }

  private void pump(Wire wire, Socket from, Socket to, boolean up) {
    byte[] piece = new byte[16 * 1024];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
        if (delayNanos > 0) {
          LockSupport.parkNanos(delayNanos);
        }
        if (wire.silent) {
          continue;
        }
        boolean swallow = !up && holds(piece, n, COMMITTED) && take(commitsToSwallow);
        if (swallow) {
          commitsSwallowed.incrementAndGet();
          wire.reset();
          return;
        }
        OutputStream out = to.getOutputStream();
        if (take(up ? requestsToBreak : answersToBreak)) {
          out.write(piece, 0, n / 2);
          out.flush();
          wire.reset();
          return;
        }
        out.write(piece, 0, n);
      }
    } catch (IOException _) {
      // One end is gone; the other follows.
    } finally {
      open.remove(wire);
    }
  }

  private static boolean take(AtomicInteger armed) {
    return armed.get() > 0 && armed.getAndDecrement() > 0;
  }

  private static boolean holds(byte[] piece, int length, byte[] wanted) {
    for (int i = 0; i + wanted.length <= length; i++) {
      int at = 0;
      while (at < wanted.length && piece[i + at] == wanted[at]) {
        at++;
      }
      if (at == wanted.length) {
        return true;
      }
    }
    return false;
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException _) {
      // It is gone either way.
    }
  }

  private void closeServer() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    closeServer();
    open.forEach(Wire::reset);
  }
}
