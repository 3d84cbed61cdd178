package dev.postrider.live;

import dev.postrider.platform.Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PingMessage;
import org.springframework.web.socket.PongMessage;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.adapter.NativeWebSocketSession;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;
import org.springframework.web.socket.handler.ConcurrentWebSocketSessionDecorator;

/** WebSockets as they come and go. They are told; what they say themselves is nobody's business. */
@Component
class LiveListener extends AbstractWebSocketHandler implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(LiveListener.class);

  /** What may wait while another thread is sending, in bytes: an event and a ping. */
  private static final int MOST_BUFFERED = 64 * 1024;

  private static final String SEND_TIMEOUT = "org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT";
  private static final CloseStatus NOT_SPOKEN_TO =
      new CloseStatus(CloseStatus.NOT_ACCEPTABLE.getCode(), "nothing is read here");

  /** RFC 6455: the server restarts. */
  private static final int RESTARTS = 1012;

  private final Feed feed;
  private final LiveSettings settings;
  private final Map<String, Open> open = new ConcurrentHashMap<>();
  private volatile boolean running;

  /** A session and its connection, and when the other side was last heard of. */
  private static final class Open {
    final WebSocketSession session;
    final Connection connection;
    volatile long heardNanos = System.nanoTime();

    Open(WebSocketSession session, Connection connection) {
      this.session = session;
      this.connection = connection;
    }
  }

  LiveListener(Feed feed, LiveSettings settings) {
    this.feed = feed;
    this.settings = settings;
  }

  @Override
  public void afterConnectionEstablished(WebSocketSession session) {
    Object wanted = session.getAttributes().get(HandshakeInterceptor.SUBSCRIPTION);
    if (!(wanted instanceof Subscription subscription)) {
      throw new IllegalStateException("a handshake leaves a subscription");
    }
    if (session instanceof NativeWebSocketSession it
        && it.getNativeSession() instanceof jakarta.websocket.Session tomcats) {
      tomcats.getUserProperties().put(SEND_TIMEOUT, settings.sendWithin().toMillis());
    }
    // Pings and events are sent by different threads; a session is for one at a time.
    WebSocketSession shared =
        new ConcurrentWebSocketSessionDecorator(
            session, (int) settings.sendWithin().toMillis(), MOST_BUFFERED);
    Connection connection = new Connection(subscription, wire(shared), feed);
    open.put(session.getId(), new Open(shared, connection));
    feed.add(connection);
  }

  private static Connection.Wire wire(WebSocketSession session) {
    return new Connection.Wire(
        json -> {
          try {
            session.sendMessage(new TextMessage(json));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        (code, reason) -> close(session, new CloseStatus(code, reason)));
  }

  private static void close(WebSocketSession session, CloseStatus status) {
    try {
      session.close(status);
    } catch (IOException | RuntimeException e) {
      log.atDebug()
          .addKeyValue("cause", Text.cleaned(String.valueOf(e), 200))
          .log("live.not_closed");
    }
  }

  @Override
  protected void handleTextMessage(WebSocketSession session, TextMessage message) {
    close(session, NOT_SPOKEN_TO);
  }

  @Override
  protected void handleBinaryMessage(
      WebSocketSession session, org.springframework.web.socket.BinaryMessage message) {
    close(session, NOT_SPOKEN_TO);
  }

  @Override
  protected void handlePongMessage(WebSocketSession session, PongMessage message) {
    Open known = open.get(session.getId());
    if (known != null) {
      known.heardNanos = System.nanoTime();
    }
  }

  @Override
  public void handleTransportError(WebSocketSession session, Throwable exception) {
    log.atDebug()
        .addKeyValue("cause", Text.cleaned(String.valueOf(exception), 200))
        .log("live.broken");
  }

  @Override
  public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
    Open known = open.remove(session.getId());
    if (known != null) {
      feed.remove(known.connection);
    }
  }

  /** Pings those that still answer; forgets those that do not. */
  void check() {
    long silentFor = settings.checkEvery().toNanos() * 3;
    for (Open one : open.values()) {
      if (System.nanoTime() - one.heardNanos > silentFor) {
        one.connection.drop(Connection.TOO_SLOW, "no pong came");
      } else {
        Thread.ofVirtual().start(() -> ping(one));
      }
    }
  }

  private static void ping(Open one) {
    try {
      one.session.sendMessage(new PingMessage());
    } catch (IOException | RuntimeException _) {
      one.connection.drop(Connection.TOO_SLOW, "a ping was not taken");
    }
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    feed.connections().forEach(it -> it.close(RESTARTS, "connect again; resume with after"));
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
