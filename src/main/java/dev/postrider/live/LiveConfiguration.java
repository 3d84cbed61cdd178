package dev.postrider.live;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import org.apache.tomcat.websocket.BackgroundProcess;
import org.apache.tomcat.websocket.BackgroundProcessManager;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
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

  /**
   * Readers get what they are told uncompressed: a compressor for each, and every frame once more
   * for each, cost more than all else that a reader does. Tomcat would take any extension that a
   * browser offers, and asks nobody, so it does not get to see them.
   */
  @Bean
  FilterRegistrationBean<Filter> withoutExtensions() {
    FilterRegistrationBean<Filter> registration =
        new FilterRegistrationBean<>((request, response, chain) ->
            chain.doFilter(new WithoutExtensions((HttpServletRequest) request), response));
    registration.addUrlPatterns("/ws");
    return registration;
  }

  private static final class WithoutExtensions extends HttpServletRequestWrapper {
    WithoutExtensions(HttpServletRequest request) {
      super(request);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
      return name.equalsIgnoreCase("Sec-WebSocket-Extensions")
          ? Collections.emptyEnumeration()
          : super.getHeaders(name);
    }
  }

  /**
   * Tomcat makes the thread that looks after its WebSockets with the first of them, and ends it up
   * to a second after the last. Where nobody stays, each that comes and goes would leave one: a
   * handful of clients had forty running. While there is something to look after it stays the same.
   */
  @Bean
  StandingWatch standingWatch() {
    return new StandingWatch();
  }

  static final class StandingWatch implements BackgroundProcess, AutoCloseable {
    StandingWatch() {
      BackgroundProcessManager.getInstance().register(this);
    }

    @Override
    public void backgroundProcess() {
      // being there is all it is for
    }

    @Override
    public void setProcessPeriod(int seconds) {
      // nothing is done, however often
    }

    @Override
    public int getProcessPeriod() {
      return 1;
    }

    @Override
    public void close() {
      BackgroundProcessManager.getInstance().unregister(this);
    }
  }

  @Override
  public void addCorsMappings(CorsRegistry registry) {
    registry
        .addMapping(EventStreamController.PATH)
        .allowedMethods("GET")
        .allowedOrigins(settings.origins().toArray(String[]::new));
  }
}
