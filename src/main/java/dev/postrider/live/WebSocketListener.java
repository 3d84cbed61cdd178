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
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.adapter.NativeWebSocketSession;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;

/** WebSockets as they come and go. They are told; what they say themselves is nobody's business. */
@Component
class WebSocketListener extends AbstractWebSocketHandler implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(WebSocketListener.class);

  private static final String SEND_TIMEOUT = "org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT";
  private static final CloseStatus NOT_SPOKEN_TO =
      new CloseStatus(CloseStatus.NOT_ACCEPTABLE.getCode(), "nothing is read here");

  private final Feed feed;
  private final LiveSettings settings;
  private final Map<String, Connection> open = new ConcurrentHashMap<>();
  private volatile boolean running;

  WebSocketListener(Feed feed, LiveSettings settings) {
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
    Connection connection = new Connection(subscription, wire(session), feed);
    open.put(session.getId(), connection);
    feed.add(connection);
  }

  private static Wire wire(WebSocketSession session) {
    return new Wire(
        frame -> send(session, new TextMessage(frame.json())),
        _ -> {
          send(session, new PingMessage());
          return false; // a pong comes
        },
        (code, reason) -> close(session, new CloseStatus(code, reason)));
  }

  private static void send(WebSocketSession session, WebSocketMessage<?> message) {
    try {
      session.sendMessage(message);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
    Connection known = open.get(session.getId());
    if (known != null) {
      known.heard();
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
    Connection known = open.remove(session.getId());
    if (known != null) {
      feed.remove(known);
    }
  }

  @Override
  public void start() {
    running = true;
  }

  /** Before the server waits for its requests to end: those who listen never would. */
  @Override
  public void stop() {
    running = false;
    feed.close();
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
