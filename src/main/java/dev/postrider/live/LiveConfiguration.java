package dev.postrider.live;

import org.springframework.context.annotation.Configuration;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;

/** Where the WebSocket is, and which pages may open one: those of its own origin, unless named. */
@Configuration
@EnableWebSocket
class LiveConfiguration implements WebSocketConfigurer {
  private final LiveListener listener;
  private final HandshakeInterceptor handshake;
  private final LiveSettings settings;

  LiveConfiguration(LiveListener listener, HandshakeInterceptor handshake, LiveSettings settings) {
    this.listener = listener;
    this.handshake = handshake;
    this.settings = settings;
  }

  @Override
  public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
    registry
        .addHandler(listener, "/ws")
        .addInterceptors(handshake)
        .setAllowedOrigins(settings.origins().toArray(String[]::new));
  }
}
