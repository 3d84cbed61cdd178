package dev.postrider.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A wire that can be cut: forwards to a port on this machine, resets everything, heals again. */
public final class TcpProxy implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  public TcpProxy(int target) {
    this.target = target;
    try {
      server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().name("tcp-proxy").start(this::acceptAll);
  }

  public int port() {
    return server.getLocalPort();
  }

  /** Resets every connection, and every new one. */
  public void cut() {
    cut = true;
    open.forEach(TcpProxy::reset);
  }

  public void heal() {
    cut = false;
  }

  private void acceptAll() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        if (cut) {
          reset(client);
        } else {
          join(client, new Socket(InetAddress.getLoopbackAddress(), target));
        }
      } catch (IOException _) {
        // closed, or the target is not there: the client sees it
      }
    }
  }

  private void join(Socket client, Socket far) {
    open.add(client);
    open.add(far);
    Thread.ofVirtual().start(() -> pump(client, far));
    Thread.ofVirtual().start(() -> pump(far, client));
  }

  private void pump(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      in.transferTo(out);
    } catch (IOException _) {
      // One end is gone; the other follows.
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException _) {
      // It is gone either way.
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    open.forEach(TcpProxy::reset);
  }
}
