package dev.postrider.platform.web;

import dev.postrider.platform.Json;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * Turns away the request that would be one too many, before anything is read or asked: a thread a
 * request costs little, but a request on its way holds its buffers and its body, and the heap is
 * fixed. One key leaves room to the others. Callbacks of providers have room of their own, and so
 * has the API's document; health and the pages that show it are never counted.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
class CrowdFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  /** Requests turned away because too many were under way. */
  static final String TURNED_AWAY = "postrider.requests.turned.away";

  private static final String BEARER = "Bearer ";
  private static final Pattern SENDER = Pattern.compile("/hooks/[a-z_]{1,32}/[1-9][0-9]{0,18}");

  /** Of a key: {@code pr_live_}, and what names it. */
  private static final int PUBLIC = 20;

  private final transient Crowd crowd;
  private final transient Tarpit tarpit;
  private final transient Counter turnedAway;

  CrowdFilter(Crowd crowd, Tarpit tarpit, MeterRegistry registry) {
    this.crowd = crowd;
    this.tarpit = tarpit;
    this.turnedAway = registry.counter(TURNED_AWAY);
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    // As it is routed: the raw one may spell /api in other ways.
    String path = request.getServletPath();
    if (path.startsWith("/api/")) {
      within(crowd.api(), key(request), request, response, chain);
    } else if (path.startsWith("/hooks/")) {
      within(crowd.callbacks(), sender(path), request, response, chain);
    } else if (path.startsWith("/openapi.json")) {
      within(crowd.documents(), key(request), request, response, chain);
    } else {
      chain.doFilter(request, response);
    }
  }

  private void within(
      Crowd.Door door,
      String owner,
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain)
      throws IOException, ServletException {
    if (!door.places().take(owner, 1)) {
      turnAway(door, owner, request, response);
      return;
    }
    Pass pass = new Pass(door, owner, turnedAway::increment);
    try {
      if (!pass.enter(request, size(request))) {
        turnAway(door, owner, request, response);
        return;
      }
      chain.doFilter(request, response);
    } finally {
      pass.leave();
      door.places().give(owner, 1);
    }
  }

  /**
   * The public part of the key that is presented. Whether it is a key is not asked yet: who has
   * none does not stay for long.
   */
  private static String key(HttpServletRequest request) {
    String key = request.getHeader("X-Api-Key");
    if (key == null) {
      key = request.getHeader("Authorization");
      key = key != null && key.startsWith(BEARER) ? key.substring(BEARER.length()) : key;
    }
    String plain = key == null ? "" : key.strip();
    return plain.substring(0, Math.min(PUBLIC, plain.length()));
  }

  /**
   * A sender by the one spelling of its path; whoever writes it another way shares with his like.
   */
  private static String sender(String path) {
    return SENDER.matcher(path).matches() ? path : "";
  }

  /** What is announced; a body of unknown length may be as long as any. */
  private static int size(HttpServletRequest request) {
    long length = request.getContentLengthLong();
    boolean unknown = length < 0 && request.getHeader("Transfer-Encoding") != null;
    return unknown ? Body.CALLBACK : (int) Math.min(Body.CALLBACK, Math.max(0, length));
  }

  private void turnAway(
      Crowd.Door door, String owner, HttpServletRequest request, HttpServletResponse response) {
    turnedAway.increment();
    byte[] body =
        Json.bytes(
            ProblemAdvice.body(
                door.problem(),
                "Too many requests are under way, "
                    + door.places().of(owner)
                    + " of them yours; nothing was read of this one. Send it again in a moment.",
                List.of(),
                CorrelationFilter.of(request)));
    if (!tarpit.holds(request, () -> tell(door, body, response))) {
      tell(door, body, response);
    }
  }

  private static void tell(Crowd.Door door, byte[] body, HttpServletResponse response) {
    response.setStatus(door.problem().status());
    response.setHeader("Retry-After", "1");
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    try {
      response.getOutputStream().write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
