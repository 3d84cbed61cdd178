package dev.postrider.live;

import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;

/** Where the WebSocket is, and which pages may listen: those of its own origin, unless named. */
@Configuration
@EnableWebSocket
class LiveConfiguration implements WebSocketConfigurer, WebMvcConfigurer {
  private final WebSocketListener sockets;
  private final HandshakeInterceptor handshake;
  private final LiveSettings settings;

  LiveConfiguration(
      WebSocketListener sockets, HandshakeInterceptor handshake, LiveSettings settings) {
    this.sockets = sockets;
    this.handshake = handshake;
    this.settings = settings;
  }

  @Override
  public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
    registry
        .addHandler(sockets, "/ws")
        .addInterceptors(handshake)
        .setAllowedOrigins(settings.origins().toArray(String[]::new));
  }

  @Override
  public void addCorsMappings(CorsRegistry registry) {
    registry
        .addMapping(EventStreamController.PATH)
        .allowedMethods("GET")
        .allowedOrigins(settings.origins().toArray(String[]::new));
  }
}
