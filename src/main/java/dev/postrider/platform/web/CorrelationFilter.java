package dev.postrider.platform.web;

import dev.postrider.platform.Correlation;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Gives every request its correlation: taken or made up, echoed, and in every log line. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
public class CorrelationFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final String ATTRIBUTE = Correlation.class.getName();

  private final transient InstantSource clock;

  public CorrelationFilter(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Correlation correlation = of(request);
    if (correlation == null) {
      correlation =
          Correlation.of(
              request.getHeader(Correlation.HEADER),
              request.getHeader("traceparent"),
              clock.millis());
      request.setAttribute(ATTRIBUTE, correlation);
      response.setHeader(Correlation.HEADER, correlation.id());
    }
    MDC.put(Correlation.MDC_KEY, correlation.id());
    try {
      chain.doFilter(request, response);
    } finally {
      MDC.remove(Correlation.MDC_KEY);
    }
  }

  static @org.jspecify.annotations.Nullable Correlation of(HttpServletRequest request) {
    return (Correlation) request.getAttribute(ATTRIBUTE);
  }

  /** The request's correlation; every request that came through the filter has one. */
  public static Correlation required(HttpServletRequest request) {
    Correlation correlation = of(request);
    if (correlation == null) {
      throw new IllegalStateException("the request did not pass the correlation filter");
    }
    return correlation;
  }
}
